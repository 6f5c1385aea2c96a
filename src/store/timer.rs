//! Owns wall-clock alarms: one thread for the whole process that runs an action when its time has come.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// An action that will run at an instant, and perhaps again, unless this is dropped before.
pub(crate) struct Alarm {
    clock: &'static Clock,
    id: u64,
}

/// Says how long after its end it is to run again, if it is.
type Action = Box<dyn FnMut() -> Option<Duration> + Send>;

#[derive(Default)]
struct Clock {
    alarms: Mutex<Alarms>,
    changed: Condvar,
}

#[derive(Default)]
struct Alarms {
    next: u64,
    /// When each alarm runs that was not dropped, or has just begun to.
    times: BTreeMap<u64, Instant>,
    pending: BTreeMap<(Instant, u64), Action>,
}

impl Alarm {
    /// Runs `action`, which must be quick, on the clock's thread once `instant` has passed, and as often again as it
    /// says.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if that thread cannot be made.
    pub(crate) fn at(instant: Instant, action: impl FnMut() -> Option<Duration> + Send + 'static) -> Result<Self> {
        let clock = clock()?;
        let mut alarms = clock.lock();
        let id = alarms.next;
        alarms.next += 1;
        alarms.set(id, instant, Box::new(action));
        if alarms.pending.first_key_value().is_some_and(|((_, first), _)| *first == id) {
            clock.changed.notify_one();
        }
        Ok(Self { clock, id })
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // The action is dropped after the lock: it may own a store's engine.
        let _action = self.clock.lock().remove(self.id);
    }
}

impl Alarms {
    fn set(&mut self, id: u64, instant: Instant, action: Action) {
        self.times.insert(id, instant);
        self.pending.insert((instant, id), action);
    }

    fn remove(&mut self, id: u64) -> Option<Action> {
        let instant = self.times.remove(&id)?;
        self.pending.remove(&(instant, id))
    }
}

impl Clock {
    fn lock(&self) -> MutexGuard<'_, Alarms> {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut alarms = self.lock();
        loop {
            let now = Instant::now();
            alarms = match alarms.pending.first_key_value() {
                None => self.changed.wait(alarms).unwrap_or_else(PoisonError::into_inner),
                Some((&(instant, _), _)) if instant > now => {
                    self.changed.wait_timeout(alarms, instant - now).unwrap_or_else(PoisonError::into_inner).0
                }
                Some(_) => {
                    let action = alarms.pending.pop_first();
                    drop(alarms);
                    if let Some(((_, id), action)) = action {
                        self.act(id, action);
                    }
                    self.lock()
                }
            };
        }
    }

    fn act(&self, id: u64, mut action: Action) {
        // It may wake a task of anybody's: if that panics, the other alarms still run.
        let again = catch_unwind(AssertUnwindSafe(&mut action)).unwrap_or(None);
        let mut alarms = self.lock();
        // It may have been dropped meanwhile.
        let again = again.filter(|_| alarms.times.contains_key(&id));
        match again.and_then(|pause| Instant::now().checked_add(pause)) {
            Some(instant) => alarms.set(id, instant, action),
            None => {
                alarms.times.remove(&id);
                drop(alarms);
                drop(action);
            }
        }
    }
}

fn clock() -> Result<&'static Clock> {
    static CLOCK: OnceLock<&'static Clock> = OnceLock::new();
    static STARTING: Mutex<()> = Mutex::new(());
    if let Some(clock) = CLOCK.get() {
        return Ok(clock);
    }
    // A failure is not kept: there may be room for a thread later.
    let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(clock) = CLOCK.get() {
        return Ok(clock);
    }
    let clock: &'static Clock = Box::leak(Box::default());
    let thread = std::thread::Builder::new().name("wasmtime-compat-clock".into());
    thread.spawn(move || clock.run()).map_err(|error| {
        Error::new(ErrorKind::Io, "cannot start the thread that watches timeouts").with_source(error)
    })?;
    Ok(CLOCK.get_or_init(|| clock))
}

#[cfg(test)]
mod tests {
    //! Alarms run as often as they say, and a panic in one ends no other.

    use std::sync::mpsc::{self, RecvTimeoutError};

    use super::*;

    const SOON: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn an_alarm_repeats_until_it_has_enough() {
        let (sender, receiver) = mpsc::channel();
        let mut left = 3;
        let alarm = Alarm::at(Instant::now() + SOON, move || {
            left -= 1;
            sender.send(left).unwrap();
            (left > 0).then_some(SOON)
        });
        let _alarm = alarm.unwrap();
        let ran: Vec<i32> = (0..3).map(|_| receiver.recv_timeout(LONG).unwrap()).collect();
        assert_eq!(ran, [2, 1, 0]);
        // With the action goes its sender.
        assert_eq!(receiver.recv_timeout(LONG), Err(RecvTimeoutError::Disconnected));
    }

    #[test]
    fn a_dropped_alarm_does_not_repeat() {
        let (sender, receiver) = mpsc::channel();
        let alarm = Alarm::at(Instant::now(), move || sender.send(()).ok().map(|()| SOON)).unwrap();
        receiver.recv_timeout(LONG).unwrap();
        drop(alarm);
        while receiver.recv_timeout(LONG).is_ok() {}
        assert_eq!(receiver.recv_timeout(LONG), Err(RecvTimeoutError::Disconnected));
    }

    #[test]
    fn a_panic_ends_no_other_alarm() {
        let (sender, receiver) = mpsc::channel();
        let _first = Alarm::at(Instant::now(), || panic!("an alarm of this test")).unwrap();
        let _second = Alarm::at(Instant::now() + SOON, move || {
            sender.send(()).unwrap();
            None
        })
        .unwrap();
        receiver.recv_timeout(LONG).unwrap();
    }
}
