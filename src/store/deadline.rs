//! Owns epoch deadlines and wall-clock timeouts of stores.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::epochs::{Epochs, NEVER, Then, UpdateDeadline};
use super::timer::Alarm;
use super::{AsContext, AsyncStores, Caller, RawStore, Store, StoreContextMut, StoreHookState, Stores};
use crate::bounds::Data;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};

/// Without this, an engine that checks epochs would stop the guest at once.
#[inline]
pub(super) fn disable_deadline<W: Stores, T: Data>(engine: &Engine<W>, raw: &mut RawStore<W, T>) {
    if engine.has_epochs() {
        let mut context = W::context_mut(&mut raw.0);
        W::set_epoch_deadline(&mut context, NEVER);
        W::ambient_mut(&mut context).epochs = Some(Arc::new(Epochs::new(engine.counts().clone(), true)));
        drop(context);
        W::watch_epochs(&mut raw.0);
    }
}

/// A store that the major made keeps the deadline that it has.
pub(super) fn adopt<W: Stores, T: Data>(engine: &Engine<W>, raw: &mut RawStore<W, T>) {
    let mut context = W::context_mut(&mut raw.0);
    let epochs = &mut W::ambient_mut(&mut context).epochs;
    if engine.has_epochs() && epochs.is_none() {
        *epochs = Some(Arc::new(Epochs::new(engine.counts().clone(), false)));
    }
}

impl<W: Stores, T: Data> Store<W, T> {
    /// Has the guest reach its epoch deadline once the engine's epoch has advanced `ticks` times; what timeouts of stores
    /// add to it does not count. A timeout of the store stays.
    ///
    /// What follows then is a trap, [`Trap::Interrupt`](crate::Trap::Interrupt), unless [`Store::epoch_deadline_callback`]
    /// or [`Store::epoch_deadline_async_yield_and_update`] decided otherwise.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the engine does not check epochs.
    pub fn set_epoch_deadline(&mut self, ticks: u64) -> Result<()> {
        self.watched()?;
        self.as_context_mut().set_epoch_deadline(ticks)
    }

    /// Lifts the epoch deadline: the store has none then, as a new store. A timeout of the store stays. Wasmtime itself can only
    /// set a deadline far away.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the engine does not check epochs.
    pub fn clear_epoch_deadline(&mut self) -> Result<()> {
        self.watched()?;
        self.as_context_mut().clear_epoch_deadline()
    }

    /// Has the guest trap with [`Trap::Interrupt`](crate::Trap::Interrupt) at its epoch deadline, as a new store does.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the engine does not check epochs.
    pub fn epoch_deadline_trap(&mut self) -> Result<()> {
        self.watched()?.set_then(Then::Interrupt);
        Ok(())
    }

    /// Calls `callback` when the guest reaches its epoch deadline. An error of the callback ends the guest and is found by
    /// [`Error::downcast_ref`]. A timeout of the store holds beside the callback, which is not called for it.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Config, Engine, Newest, Store, UpdateDeadline};
    ///
    /// let engine = Engine::<Newest>::new(&Config::new().epoch_interruption(true))?;
    /// let mut store = Store::new(&engine, 0);
    /// store.set_epoch_deadline(1)?;
    /// store.epoch_deadline_callback(|mut state| {
    ///     *state.data_mut() += 1;
    ///     Ok(if *state.data() < 10 { UpdateDeadline::Continue(1) } else { UpdateDeadline::Interrupt })
    /// })?;
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the engine does not check epochs.
    pub fn epoch_deadline_callback(
        &mut self,
        callback: impl FnMut(StoreHookState<'_, W, T>) -> anyhow::Result<UpdateDeadline> + Send + Sync + 'static,
    ) -> Result<()> {
        self.watched()?.set_then(Then::Callback);
        W::watch_epochs_with(&mut self.raw.0, callback);
        Ok(())
    }

    /// Lifts the timeout of [`Store::set_timeout`]. An epoch deadline stays. A store without a timeout is left as it is.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use std::time::Duration;
    /// use wasmtime_compat::{Config, Engine, Newest, Store};
    ///
    /// let engine = Engine::<Newest>::new(&Config::new().epoch_interruption(true))?;
    /// let mut store = Store::new(&engine, ());
    /// store.set_timeout(Duration::from_secs(5))?;
    /// // Calls of guests end after five seconds.
    /// store.clear_timeout();
    /// // And from here on they do not.
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn clear_timeout(&mut self) {
        let epochs = self.as_context().ambient().epochs.clone();
        if let (Some(_), Some(epochs)) = (self.alarm.take(), epochs) {
            let ticks = epochs.set_timeout(None);
            W::set_epoch_deadline(&mut W::context_mut(&mut self.raw.0), ticks);
        }
    }

    /// Ends whatever guest code still runs `timeout` from now, with [`ErrorKind::TimedOut`]. It takes the place of the
    /// timeout before; [`Store::clear_timeout`] and [`Duration::MAX`] lift it. An epoch deadline holds beside it.
    ///
    /// Guest code is stopped at its next loop or call. A guest that waits inside a host function is stopped when that
    /// returns; [`Command::run_async`](crate::Command::run_async) does not wait for it. A call that returns late without another loop
    /// or call has its results; [`Command::run`](crate::Command::run) and [`AnyInstance::call`](crate::AnyInstance::call)
    /// report it as timed out.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the engine does not check epochs; [`ErrorKind::Io`] if the thread that watches
    /// timeouts cannot be started.
    pub fn set_timeout(&mut self, timeout: Duration) -> Result<()> {
        let epochs = self.watched()?;
        let deadline = Instant::now().checked_add(timeout);
        let ticks = epochs.set_timeout(deadline);
        W::set_epoch_deadline(&mut W::context_mut(&mut self.raw.0), ticks);
        let engine = self.engine().clone();
        let mut pause = Duration::from_millis(1);
        let wake = move |deadline| {
            Alarm::at(deadline, move || {
                epochs.ring();
                engine.wake();
                pause = (pause * 2).min(Duration::from_secs(1));
                epochs.went_on().then_some(pause)
            })
        };
        self.alarm = deadline.map(wake).transpose()?;
        Ok(())
    }

    /// Gives a store without a timeout one that does not pass, so that the store can be stopped from outside: by
    /// [`Epochs::stop`].
    #[cfg(feature = "_http")]
    pub(crate) fn watch_time(&mut self) -> Result<()> {
        /// A hundred years.
        const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        match self.alarm.is_none() && self.engine().has_epochs() {
            true => self.set_timeout(NEVER),
            false => Ok(()),
        }
    }

    /// What the store does at epoch checks, which the major asks for from now on.
    fn watched(&mut self) -> Result<Arc<Epochs>> {
        let epochs = self.as_context().ambient().epochs.clone().ok_or_else(no_epochs)?;
        if !epochs.is_watched() {
            epochs.set_watched();
            W::watch_epochs(&mut self.raw.0);
        }
        Ok(epochs)
    }
}

impl<W: AsyncStores, T: Data + Send> Store<W, T> {
    /// Has the guest yield to the async runtime at its epoch deadline, and go on for `delta` ticks.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the engine does not check epochs; [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine.
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) -> Result<()> {
        self.watched()?;
        self.as_context_mut().epoch_deadline_async_yield_and_update(delta)
    }
}

impl<W: Stores, T: Data> StoreContextMut<'_, W, T> {
    /// As [`Store::set_epoch_deadline`].
    ///
    /// # Errors
    /// As [`Store::set_epoch_deadline`]; [`ErrorKind::Config`] as well for a store made with the major itself.
    pub fn set_epoch_deadline(&mut self, ticks: u64) -> Result<()> {
        let ticks = self.epochs()?.set_deadline(ticks);
        W::set_epoch_deadline(&mut self.raw, ticks);
        Ok(())
    }

    /// As [`Store::clear_epoch_deadline`].
    ///
    /// # Errors
    /// As [`StoreContextMut::set_epoch_deadline`].
    pub fn clear_epoch_deadline(&mut self) -> Result<()> {
        let ticks = self.epochs()?.clear_deadline();
        W::set_epoch_deadline(&mut self.raw, ticks);
        Ok(())
    }

    /// As [`Store::epoch_deadline_trap`].
    ///
    /// # Errors
    /// As [`StoreContextMut::set_epoch_deadline`].
    pub fn epoch_deadline_trap(&mut self) -> Result<()> {
        self.epochs()?.set_then(Then::Interrupt);
        Ok(())
    }

    fn epochs(&self) -> Result<&Epochs> {
        match self.ambient().epochs.as_deref() {
            Some(epochs) if epochs.is_watched() => Ok(epochs),
            Some(_) => Err(made_elsewhere()),
            None => Err(no_epochs()),
        }
    }
}

impl<W: AsyncStores, T: Data + Send> StoreContextMut<'_, W, T> {
    /// As [`Store::epoch_deadline_async_yield_and_update`].
    ///
    /// # Errors
    /// As [`Store::epoch_deadline_async_yield_and_update`]; [`ErrorKind::Config`] as well for a store made with the major
    /// itself.
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) -> Result<()> {
        self.ambient().mode.check_async()?;
        self.epochs()?.set_then(Then::Yield(delta));
        Ok(())
    }
}

impl<W: Stores, T: Data> Caller<'_, W, T> {
    /// As [`Store::set_epoch_deadline`].
    ///
    /// # Errors
    /// As [`StoreContextMut::set_epoch_deadline`].
    pub fn set_epoch_deadline(&mut self, ticks: u64) -> Result<()> {
        self.as_context_mut().set_epoch_deadline(ticks)
    }

    /// As [`Store::clear_epoch_deadline`].
    ///
    /// # Errors
    /// As [`StoreContextMut::set_epoch_deadline`].
    pub fn clear_epoch_deadline(&mut self) -> Result<()> {
        self.as_context_mut().clear_epoch_deadline()
    }

    /// As [`Store::epoch_deadline_trap`].
    ///
    /// # Errors
    /// As [`StoreContextMut::set_epoch_deadline`].
    pub fn epoch_deadline_trap(&mut self) -> Result<()> {
        self.as_context_mut().epoch_deadline_trap()
    }
}

impl<W: AsyncStores, T: Data + Send> Caller<'_, W, T> {
    /// As [`Store::epoch_deadline_async_yield_and_update`].
    ///
    /// # Errors
    /// As [`StoreContextMut::epoch_deadline_async_yield_and_update`].
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) -> Result<()> {
        self.as_context_mut().epoch_deadline_async_yield_and_update(delta)
    }
}

#[cold]
fn no_epochs() -> Error {
    Error::new(ErrorKind::Config, "the engine does not check epochs, so nothing can interrupt a guest")
        .with_hint("create it with Config::epoch_interruption(true)")
}

#[cold]
fn made_elsewhere() -> Error {
    Error::new(ErrorKind::Config, "the epoch deadlines of this store are set with the major itself")
        .with_hint("set one with `Store` first, or use `as_raw_mut`")
}
