//! Owns `Store`, the contexts borrowed from it, and what may be called on them when.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::StoreLimits;
use crate::timer::Alarm;
use crate::wasi::{Captured, PreopenReport, Stdio, WasiConfig};
use crate::wasmtime::Wasmtime;

/// Everything guests share while they run: their instances, your data `T`, and the WASI state beside it.
///
/// `T` needs no WASI trait in any version. One WASI state serves core modules (preview1) and components alike.
pub struct Store<W: Wasmtime, T: Send + 'static> {
    raw: W::Store<T>,
    engine: Engine<W>,
    wasi: Option<(Stdio, PreopenReport)>,
    alarm: Option<Alarm>,
}

/// A borrowed [`Store`], as it is passed to host functions of components.
pub struct StoreContextMut<'a, W: Wasmtime, T: Send + 'static> {
    pub(crate) raw: W::Context<'a, T>,
}

/// What host functions of core modules get: the store, and the instance that called.
pub struct Caller<'a, W: Wasmtime, T: Send + 'static> {
    pub(crate) raw: W::Caller<'a, T>,
}

/// What a store can be borrowed from: a [`Store`], a [`Caller`], a [`StoreContextMut`], or a `&mut` of one.
pub trait AsContextMut<W: Wasmtime> {
    /// The store's data.
    type Data: Send + 'static;

    /// Borrows the store.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, Self::Data>;
}

/// How a store may be used; it lives in the store's data so that every context knows it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[doc(hidden)]
pub struct Mode {
    pub(crate) is_async: bool,
    /// Whether synchronous WASI functions may block on an async runtime.
    pub(crate) has_wasi: bool,
}

/// Asked at an epoch check: what to do now.
pub(crate) type DeadlineCheck = Box<dyn FnMut() -> DeadlineAction + Send + Sync>;

/// What a store does at an epoch check.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum DeadlineAction {
    /// Go on for so many ticks.
    Continue(u64),
    /// Trap with [`Trap::Interrupt`](crate::Trap::Interrupt).
    Interrupt,
    /// Fail with [`ErrorKind::TimedOut`].
    TimedOut,
}

/// So many ticks that no epoch deadline is ever reached, and adding it to the current epoch does not overflow.
const NEVER: u64 = u64::MAX / 2;

impl<W: Wasmtime, T: Send + 'static> Store<W, T> {
    /// A store with your data and without WASI.
    pub fn new(engine: &Engine<W>, data: T) -> Self {
        let mut raw = W::new_store(engine.as_raw(), data, Mode { is_async: engine.is_async(), has_wasi: false });
        Self::arm(engine, &mut raw);
        Self { raw, engine: engine.clone(), wasi: None, alarm: None }
    }

    /// A store with your data and a WASI world.
    ///
    /// # Errors
    /// As [`WasiConfig::check_all`]: [`ErrorKind::Config`] with every argument and environment variable that cannot be
    /// passed, [`ErrorKind::Preopens`] with every problem of every preopen; [`ErrorKind::Io`] if standard input cannot
    /// be opened.
    pub fn with_wasi(engine: &Engine<W>, data: T, config: &WasiConfig) -> Result<Self> {
        let preopens = config.check_all()?;
        let stdio = Stdio::open(&config.stdin, &config.stdout, &config.stderr)?;
        let mut raw = W::new_store_with_wasi(engine.as_raw(), data, engine.is_async(), config, &preopens, &stdio)?;
        Self::arm(engine, &mut raw);
        Ok(Self { raw, engine: engine.clone(), wasi: Some((stdio, preopens)), alarm: None })
    }

    /// Without this, an engine that checks epochs would stop the guest at once.
    fn arm(engine: &Engine<W>, raw: &mut W::Store<T>) {
        if engine.has_epochs() {
            W::set_deadline(raw, NEVER, None);
        }
    }

    /// Limits memories, tables and instances from now on.
    pub fn set_limits(&mut self, limits: &StoreLimits) {
        W::set_limits(&mut self.raw, limits);
    }

    /// Sets the fuel left.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the engine does not count fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        W::set_fuel(&mut W::context(&mut self.raw), fuel)
    }

    /// The fuel left.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the engine does not count fuel.
    pub fn fuel(&mut self) -> Result<u64> {
        W::fuel(&W::context(&mut self.raw))
    }

    /// Traps with [`Trap::Interrupt`](crate::Trap::Interrupt) once the engine's epoch has advanced `ticks` times;
    /// what timeouts of other stores add to it does not count. It takes the place of a timeout.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the engine does not check epochs.
    pub fn set_epoch_deadline(&mut self, ticks: u64) -> Result<()> {
        let engine = self.engine_with_epochs()?;
        let (start, mut seen) = (engine.ticks(), engine.wakeups());
        // Timeouts of other stores advance the epoch too; what they added is not counted. Ticks to go on for count from
        // now, which may be long after the deadline, so there are never more than are left.
        let check = move || {
            let left = ticks.saturating_sub(engine.ticks().wrapping_sub(start));
            let now = engine.wakeups();
            match now.wrapping_sub(std::mem::replace(&mut seen, now)).min(left) {
                0 => DeadlineAction::Interrupt,
                added => DeadlineAction::Continue(added),
            }
        };
        self.alarm = None;
        W::set_deadline(&mut self.raw, ticks.min(NEVER), Some(Box::new(check)));
        Ok(())
    }

    /// Ends whatever guest code still runs `timeout` from now, with [`ErrorKind::TimedOut`]. It takes the place of an
    /// epoch deadline.
    ///
    /// Guest code is stopped at its next loop or call. A guest that waits inside a host function is stopped when that
    /// returns; [`Command::run_async`](crate::Command::run_async) does not wait for it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the engine does not check epochs; [`ErrorKind::Io`] if the thread that watches
    /// timeouts cannot be started.
    pub fn set_timeout(&mut self, timeout: Duration) -> Result<()> {
        let engine = self.engine_with_epochs()?;
        let deadline = Instant::now().checked_add(timeout);
        // A check that says to go on does so for one tick from when Wasmtime takes note of that. If the clock wakes the
        // engine just before, nobody would do so again: from then on it repeats that until a check finds the time up.
        // A check says so before it looks at the time. So the clock, which comes when the time is up, either finds that
        // said, or is so early that the check finds the time up.
        let went_on = Arc::new(AtomicBool::new(false));
        let check = {
            let went_on = went_on.clone();
            move || {
                went_on.store(true, Ordering::SeqCst);
                if deadline.is_none_or(|deadline| Instant::now() < deadline) {
                    return DeadlineAction::Continue(1);
                }
                went_on.store(false, Ordering::SeqCst);
                DeadlineAction::TimedOut
            }
        };
        W::set_deadline(&mut self.raw, 1, Some(Box::new(check)));
        let mut pause = Duration::from_millis(1);
        let wake = move |deadline| {
            Alarm::at(deadline, move || {
                engine.wake();
                pause = (pause * 2).min(Duration::from_secs(1));
                went_on.load(Ordering::SeqCst).then_some(pause)
            })
        };
        self.alarm = deadline.map(wake).transpose()?;
        Ok(())
    }

    fn engine_with_epochs(&self) -> Result<Engine<W>> {
        if self.engine.has_epochs() {
            return Ok(self.engine.clone());
        }
        Err(Error::new(ErrorKind::Config, "the engine does not check epochs, so nothing can interrupt a guest")
            .with_hint("create it with Config::epoch_interruption(true)"))
    }

    /// Your data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        W::store_data_mut(&mut self.raw)
    }

    /// Your data.
    pub fn data(&self) -> &T {
        W::store_data(&self.raw)
    }

    /// Gives your data back.
    pub fn into_data(self) -> T {
        W::into_data(self.raw)
    }

    /// What the guest wrote to standard output so far, if that is captured.
    pub fn stdout(&self) -> Option<Captured> {
        Some(self.wasi.as_ref()?.0.stdout.as_ref()?.snapshot())
    }

    /// What the guest wrote to standard error so far, if that is captured.
    pub fn stderr(&self) -> Option<Captured> {
        Some(self.wasi.as_ref()?.0.stderr.as_ref()?.snapshot())
    }

    /// What became of each preopen; `None` without WASI.
    pub fn preopens(&self) -> Option<&PreopenReport> {
        Some(&self.wasi.as_ref()?.1)
    }

    pub(crate) fn into_wasi(self) -> (Captured, Captured, PreopenReport) {
        let Some((stdio, preopens)) = self.wasi else { return Default::default() };
        // The guest's own handles to the streams go first, so nothing is written after this.
        drop(self.raw);
        let take = |stream: Option<crate::wasi::Capture>| stream.map(|stream| stream.take()).unwrap_or_default();
        (take(stdio.stdout), take(stdio.stderr), preopens)
    }

    /// The engine this store belongs to.
    pub fn engine(&self) -> &Engine<W> {
        &self.engine
    }

    /// Wraps a store made with the major itself; `engine` must be the one it was made with.
    pub fn from_raw(engine: &Engine<W>, raw: W::Store<T>) -> Self {
        Self { raw, engine: engine.clone(), wasi: None, alarm: None }
    }

    /// The major's own store.
    pub fn as_raw(&self) -> &W::Store<T> {
        &self.raw
    }

    /// The major's own store, mutably.
    pub fn as_raw_mut(&mut self) -> &mut W::Store<T> {
        &mut self.raw
    }

    /// The major's own store, and nothing else: a timeout ends with this.
    pub fn into_raw(self) -> W::Store<T> {
        self.raw
    }
}

impl<'a, W: Wasmtime, T: Send + 'static> StoreContextMut<'a, W, T> {
    /// The store's data.
    pub fn data(&self) -> &T {
        W::data(&self.raw)
    }

    /// The store's data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        W::data_mut(&mut self.raw)
    }

    /// The major's own context.
    pub fn into_raw(self) -> W::Context<'a, T> {
        self.raw
    }

    /// Wraps the major's own context.
    pub fn from_raw(raw: W::Context<'a, T>) -> Self {
        Self { raw }
    }

    /// Refuses a synchronous call that Wasmtime would panic on.
    #[inline]
    pub(crate) fn check_sync(&self) -> Result<()> {
        let mode = W::mode(&self.raw);
        if mode == (Mode { is_async: false, has_wasi: false }) { Ok(()) } else { check_sync(mode) }
    }

    /// Refuses an asynchronous call that Wasmtime would panic on.
    #[inline]
    pub(crate) fn check_async(&self) -> Result<()> {
        check_async(W::mode(&self.raw).is_async)
    }
}

#[inline]
pub(crate) fn check_async(is_async: bool) -> Result<()> {
    if is_async { Ok(()) } else { Err(sync_engine()) }
}

#[inline]
pub(crate) fn check_sync(mode: Mode) -> Result<()> {
    if mode.is_async {
        return Err(async_engine());
    }
    #[cfg(all(feature = "_runtime", not(test)))]
    if crate::blocking::is_forbidden() {
        return Err(crate::blocking::forbidden());
    }
    Ok(())
}

#[cold]
fn async_engine() -> Error {
    Error::new(ErrorKind::SyncAsyncMismatch, "synchronous call on an async engine")
        .with_hint("call the `_async` function, or create the engine with Config::async_support(false)")
}

#[cold]
fn sync_engine() -> Error {
    Error::new(ErrorKind::SyncAsyncMismatch, "asynchronous call on a synchronous engine")
        .with_hint("create the engine with Config::async_support(true)")
}

impl<'a, W: Wasmtime, T: Send + 'static> Caller<'a, W, T> {
    /// The major's own caller.
    pub fn as_raw_mut(&mut self) -> &mut W::Caller<'a, T> {
        &mut self.raw
    }

    /// The store's data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        W::caller_data_mut(&mut self.raw)
    }

    /// A memory exported by the calling instance, if there is one of that name.
    pub fn memory(&mut self, name: &str) -> Option<crate::Memory<W>> {
        W::caller_memory(&mut self.raw, name).map(crate::Memory::from_raw)
    }
}

impl<W: Wasmtime, T: Send + 'static> AsContextMut<W> for Store<W, T> {
    type Data = T;

    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, T> {
        StoreContextMut { raw: W::context(&mut self.raw) }
    }
}

impl<W: Wasmtime, T: Send + 'static> AsContextMut<W> for Caller<'_, W, T> {
    type Data = T;

    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, T> {
        StoreContextMut { raw: W::caller_context(&mut self.raw) }
    }
}

impl<W: Wasmtime, T: Send + 'static> AsContextMut<W> for StoreContextMut<'_, W, T> {
    type Data = T;

    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, T> {
        StoreContextMut { raw: W::reborrow(&mut self.raw) }
    }
}

impl<W: Wasmtime, C: AsContextMut<W>> AsContextMut<W> for &mut C {
    type Data = C::Data;

    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, C::Data> {
        C::as_context_mut(self)
    }
}

impl<W: Wasmtime, T: Send + fmt::Debug + 'static> fmt::Debug for Store<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("major", &W::MAJOR).field("data", self.data()).finish_non_exhaustive()
    }
}
