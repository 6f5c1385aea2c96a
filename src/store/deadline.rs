//! Owns epoch deadlines and wall-clock timeouts of stores.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::timer::Alarm;
use super::{RawStore, Store, Stores};
use crate::bounds::Data;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};

/// Asked at an epoch check: what to do now.
pub(crate) type DeadlineCheck = Box<dyn FnMut() -> DeadlineAction + Send + Sync>;

/// What a store does at an epoch check.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum DeadlineAction {
    /// Continue for this number of ticks.
    Continue(u64),
    /// Trap with [`Trap::Interrupt`](crate::Trap::Interrupt).
    Interrupt,
    /// Fail with [`ErrorKind::TimedOut`].
    TimedOut,
}

/// So many ticks that no epoch deadline is ever reached, and adding it to the current epoch does not overflow.
const NEVER: u64 = u64::MAX / 2;

/// Without this, an engine that checks epochs would stop the guest at once.
pub(super) fn disable_deadline<W: Stores, T: Data>(engine: &Engine<W>, raw: &mut RawStore<W, T>) {
    if engine.has_epochs() {
        W::set_deadline(&mut raw.0, NEVER, None);
    }
}

impl<W: Stores, T: Data> Store<W, T> {
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
        W::set_deadline(&mut self.raw.0, ticks.min(NEVER), Some(Box::new(check)));
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
        W::set_deadline(&mut self.raw.0, 1, Some(Box::new(check)));
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
}
