//! Owns what a store does at an epoch check: the deadline in ticks of its user, and the wall-clock timeout beside it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::mode::Mode;
use crate::engine::Counts;
use crate::error::Result;

/// What a store does at an epoch check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum DeadlineAction {
    /// Go on for so many ticks.
    Continue(u64),
    /// Yield to the async runtime, then go on for so many ticks.
    Yield(u64),
    /// Query the callback of the user.
    Callback,
    /// Trap with [`Trap::Interrupt`](crate::Trap::Interrupt).
    Interrupt,
    /// Fail with [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut).
    TimedOut,
}

/// What a store does after the callback of [`Store::epoch_deadline_callback`](crate::Store::epoch_deadline_callback).
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store, Trap, UpdateDeadline};
///
/// let engine = Engine::<Newest>::new(&Config::new().epoch_interruption(true))?;
/// // (module (func (export "f")))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x04\x01\x02\0\x0b";
/// let mut store = Store::new(&engine, 0_u32);
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let f = instance.get_typed_func::<(), ()>(&mut store, "f")?;
/// store.epoch_deadline_callback(|mut state| {
///     *state.data_mut() += 1;
///     Ok(if *state.data() < 2 { UpdateDeadline::Continue(1) } else { UpdateDeadline::Interrupt })
/// })?;
/// store.set_epoch_deadline(1)?;
/// engine.increment_epoch();
/// assert!(f.call(&mut store, ()).is_ok());
/// engine.increment_epoch();
/// assert_eq!(f.call(&mut store, ()).unwrap_err().trap(), Some(&Trap::Interrupt));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum UpdateDeadline {
    /// Trap with [`Trap::Interrupt`](crate::Trap::Interrupt). Wasmtime has this variant since 37; here it works on every
    /// major.
    Interrupt,
    /// Go on, and call the callback again after this number of ticks.
    Continue(u64),
    /// Yield to the async runtime, then go on, and call the callback again after this number of ticks. On a synchronous engine it
    /// ends the guest with [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch).
    Yield(u64),
}

/// So many ticks that no epoch deadline is ever reached, and adding it to the current epoch does not overflow.
pub(super) const NEVER: u64 = u64::MAX / 2;

/// The epoch deadline and the timeout of a store.
#[derive(Debug)]
pub(crate) struct Epochs {
    /// Those of the store's engine.
    counts: Arc<Counts>,
    /// Whether the store may go on beyond the timeout without another look at the time.
    ///
    /// A check that says to go on does so for one tick from when Wasmtime takes note of that. If the clock wakes the
    /// engine just before, no other wake-up would follow: from then on the clock repeats it until a check finds the time up.
    /// A check sets this before it looks at the time. So the clock, which comes when the time is up, either finds it set,
    /// or is so early that the check finds the time up.
    went_on: AtomicBool,
    /// Whether the clock has come. It may have come for a timeout that has been replaced.
    has_rung: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Whether the major asks here. It does not for a store that was made with the major itself, until a deadline is set here.
    is_watched: bool,
    due: Option<Due>,
    then: Then,
    timeout: Option<Instant>,
}

/// The deadline in ticks.
#[derive(Debug)]
struct Due {
    /// The engine's ticks when it was set.
    start: u64,
    ticks: u64,
    /// The counts of the engine at the last check.
    seen: (u64, u64),
    /// How often the epoch was advanced with the major's own engine, as far as it is known.
    others: u64,
}

/// What follows when the deadline in ticks has passed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Then {
    Interrupt,
    Callback,
    Yield(u64),
}

impl Epochs {
    pub(super) fn new(counts: Arc<Counts>, is_watched: bool) -> Self {
        let state = State { is_watched, due: None, then: Then::Interrupt, timeout: None };
        Self { counts, went_on: AtomicBool::new(false), has_rung: AtomicBool::new(false), state: Mutex::new(state) }
    }

    /// Whether the major asks here.
    pub(super) fn is_watched(&self) -> bool {
        self.state().is_watched
    }

    pub(super) fn set_watched(&self) {
        self.state().is_watched = true;
    }

    pub(super) fn set_then(&self, then: Then) {
        self.state().then = then;
    }

    /// Sets the deadline in ticks; returns the ticks until the next check.
    pub(super) fn set_deadline(&self, ticks: u64) -> u64 {
        let mut state = self.state();
        state.due = Some(Due::new(&self.counts, ticks));
        self.next(&state)
    }

    /// Lifts the deadline in ticks; returns the ticks until the next check.
    pub(super) fn clear_deadline(&self) -> u64 {
        let mut state = self.state();
        state.due = None;
        self.next(&state)
    }

    /// Sets or lifts the timeout; returns the ticks until the next check.
    pub(super) fn set_timeout(&self, timeout: Option<Instant>) -> u64 {
        let mut state = self.state();
        state.timeout = timeout;
        self.has_rung.store(false, Ordering::SeqCst);
        let ticks = self.next(&state);
        // The clock is set after the ticks are, so it cannot come too early.
        self.went_on.store(false, Ordering::SeqCst);
        ticks
    }

    /// Has the time be up from now on, for a store whose timeout is watched already: the next check, which the caller brings about
    /// by waking the engine, finds that.
    #[cfg_attr(not(feature = "_http"), allow(dead_code, reason = "only HTTP handlers are stopped from outside"))]
    pub(crate) fn stop(&self) {
        let mut state = self.state();
        if state.timeout.is_some() {
            state.timeout = Some(Instant::now());
        }
    }

    /// The clock has come.
    pub(super) fn ring(&self) {
        self.has_rung.store(true, Ordering::SeqCst);
    }

    /// Whether the time is up; while it is not, that costs one load.
    #[allow(dead_code, reason = "only majors ask")]
    #[inline]
    pub(crate) fn is_late(&self) -> bool {
        self.has_rung.load(Ordering::Relaxed) && self.is_up(&self.state())
    }

    /// Whether the clock has to wake the engine once more.
    pub(super) fn went_on(&self) -> bool {
        self.went_on.load(Ordering::SeqCst)
    }

    /// What the store does at an epoch check.
    pub(crate) fn check(&self) -> DeadlineAction {
        let mut state = self.state();
        if self.is_up(&state) {
            return DeadlineAction::TimedOut;
        }
        let has_timeout = state.timeout.is_some();
        let left = state.due.as_mut().map(|due| due.left(&self.counts, has_timeout));
        match (left, state.then) {
            (Some(0), Then::Interrupt) => DeadlineAction::Interrupt,
            (Some(0), Then::Callback) => DeadlineAction::Callback,
            (Some(0), Then::Yield(ticks)) => DeadlineAction::Yield(self.renew(&mut state, ticks)),
            (Some(left), _) => DeadlineAction::Continue(if has_timeout { 1 } else { left.min(NEVER) }),
            (None, _) => DeadlineAction::Continue(if has_timeout { 1 } else { NEVER }),
        }
    }

    /// What the store does after the callback of the user.
    #[allow(dead_code, reason = "only majors call it")]
    pub(crate) fn update(&self, update: UpdateDeadline, mode: Mode) -> Result<DeadlineAction> {
        let mut state = self.state();
        Ok(match update {
            UpdateDeadline::Continue(ticks) => DeadlineAction::Continue(self.renew(&mut state, ticks)),
            UpdateDeadline::Yield(ticks) => {
                mode.check_async()?;
                DeadlineAction::Yield(self.renew(&mut state, ticks))
            }
            UpdateDeadline::Interrupt => DeadlineAction::Interrupt,
        })
    }

    /// Sets the deadline anew at a check, which has just found that the time is not up.
    fn renew(&self, state: &mut State, ticks: u64) -> u64 {
        state.due = Some(Due::new(&self.counts, ticks));
        // 0 is another check at once, also beside a timeout.
        if state.timeout.is_some() { ticks.min(1) } else { ticks.min(NEVER) }
    }

    /// The ticks until the next check.
    fn next(&self, state: &State) -> u64 {
        match (state.timeout, &state.due) {
            (Some(_), _) if self.is_up(state) => 0,
            (Some(_), Some(due)) => due.remaining(&self.counts).min(1),
            (Some(_), None) => 1,
            (None, Some(due)) => due.remaining(&self.counts).min(NEVER),
            (None, None) => NEVER,
        }
    }

    /// Whether the time is up; if it is not, the store goes on.
    fn is_up(&self, state: &State) -> bool {
        let Some(timeout) = state.timeout else { return false };
        self.went_on.store(true, Ordering::SeqCst);
        let is_up = Instant::now() >= timeout;
        if is_up {
            self.went_on.store(false, Ordering::SeqCst);
        }
        is_up
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Due {
    fn new(counts: &Counts, ticks: u64) -> Self {
        let start = counts.ticks();
        Self { start, ticks, seen: (start, counts.wakeups()), others: 0 }
    }

    /// Ticks that are left, not counting what other code than this crate's added to the epoch.
    fn remaining(&self, counts: &Counts) -> u64 {
        self.ticks.saturating_sub(counts.ticks().wrapping_sub(self.start))
    }

    /// At a check: the ticks for which the store goes on, or 0 if the deadline has passed.
    ///
    /// Timeouts of other stores advance the epoch too; what they added is not counted. Ticks to go on for count from
    /// now, which may be long after the deadline, so there are never more than are left.
    fn left(&mut self, counts: &Counts, at_every_tick: bool) -> u64 {
        let (ticks, wakeups) = (counts.ticks(), counts.wakeups());
        let (seen_ticks, seen_wakeups) = std::mem::replace(&mut self.seen, (ticks, wakeups));
        let left = self.ticks.saturating_sub(ticks.wrapping_sub(self.start));
        let added = wakeups.wrapping_sub(seen_wakeups);
        if !at_every_tick {
            return added.min(left);
        }
        // Neither this crate nor a timeout: the user has advanced the epoch of the major's own engine.
        if added == 0 && ticks == seen_ticks {
            self.others += 1;
        }
        left.saturating_sub(self.others)
    }
}

#[cfg(test)]
mod tests {
    //! Deadlines count ticks, not wake-ups; timeouts hold beside them.

    use std::time::Duration;

    use super::*;

    fn epochs() -> (Arc<Counts>, Epochs) {
        let counts = Arc::<Counts>::default();
        (counts.clone(), Epochs::new(counts, true))
    }

    fn later() -> Option<Instant> {
        Some(Instant::now() + Duration::from_secs(600))
    }

    const SYNC: Mode = Mode { is_async: false, has_wasi: false };

    #[test]
    fn without_a_deadline_a_store_goes_on() {
        let (_, epochs) = epochs();
        assert_eq!(epochs.check(), DeadlineAction::Continue(NEVER));
        assert_eq!(epochs.set_timeout(later()), 1);
        assert_eq!(epochs.check(), DeadlineAction::Continue(1));
        assert_eq!(epochs.set_timeout(None), NEVER);
    }

    #[test]
    fn wakeups_are_not_ticks() {
        let (counts, epochs) = epochs();
        assert_eq!(epochs.set_deadline(2), 2);
        counts.wake();
        counts.tick();
        assert_eq!(epochs.check(), DeadlineAction::Continue(1));
        counts.tick();
        assert_eq!(epochs.check(), DeadlineAction::Interrupt);
    }

    #[test]
    fn ticks_are_counted_beside_a_timeout() {
        let (counts, epochs) = epochs();
        epochs.set_timeout(later());
        assert_eq!(epochs.set_deadline(3), 1);
        counts.wake();
        assert_eq!(epochs.check(), DeadlineAction::Continue(1));
        counts.tick();
        assert_eq!(epochs.check(), DeadlineAction::Continue(1));
        // Neither: the major's own engine.
        assert_eq!(epochs.check(), DeadlineAction::Continue(1));
        counts.tick();
        assert_eq!(epochs.check(), DeadlineAction::Interrupt);
        assert_eq!(epochs.set_timeout(Some(Instant::now())), 0);
        assert_eq!(epochs.check(), DeadlineAction::TimedOut);
    }

    #[test]
    fn a_callback_sets_the_next_deadline() {
        let (counts, epochs) = epochs();
        epochs.set_then(Then::Callback);
        epochs.set_deadline(1);
        counts.tick();
        assert_eq!(epochs.check(), DeadlineAction::Callback);
        assert_eq!(epochs.update(UpdateDeadline::Continue(5), SYNC).unwrap(), DeadlineAction::Continue(5));
        assert!(epochs.update(UpdateDeadline::Yield(5), SYNC).is_err());
        assert_eq!(epochs.update(UpdateDeadline::Interrupt, SYNC).unwrap(), DeadlineAction::Interrupt);
        epochs.set_then(Then::Yield(7));
        epochs.set_deadline(0);
        assert_eq!(epochs.check(), DeadlineAction::Yield(7));
        assert!(epochs.set_timeout(later()) == 1 && epochs.set_deadline(0) == 0);
        assert_eq!(epochs.check(), DeadlineAction::Yield(1));
        // 0 is another check at once, and no deadline is the next look at the time.
        assert_eq!(epochs.update(UpdateDeadline::Continue(0), SYNC).unwrap(), DeadlineAction::Continue(0));
        assert_eq!(epochs.clear_deadline(), 1);
        assert_eq!(epochs.check(), DeadlineAction::Continue(1));
        assert_eq!(epochs.set_timeout(None), NEVER);
    }
}
