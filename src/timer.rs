//! Owns wall-clock alarms: one thread for the whole process that runs an action when its time has come.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use crate::error::{Error, ErrorKind, Result};

/// An action that will run at an instant, unless this is dropped before.
pub(crate) struct Alarm {
    clock: &'static Clock,
    key: (Instant, u64),
}

type Action = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Clock {
    alarms: Mutex<Alarms>,
    changed: Condvar,
}

#[derive(Default)]
struct Alarms {
    next: u64,
    pending: BTreeMap<(Instant, u64), Action>,
}

impl Alarm {
    /// Runs `action`, which must be quick, on the clock's thread once `instant` has passed.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if that thread cannot be made.
    pub(crate) fn at(instant: Instant, action: impl FnOnce() + Send + 'static) -> Result<Self> {
        let clock = clock()?;
        let mut alarms = clock.lock();
        let key = (instant, alarms.next);
        alarms.next += 1;
        alarms.pending.insert(key, Box::new(action));
        if alarms.pending.first_key_value().is_some_and(|(first, _)| *first == key) {
            clock.changed.notify_one();
        }
        Ok(Self { clock, key })
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // The action is dropped after the lock: it may own a store's engine.
        let _action = self.clock.lock().pending.remove(&self.key);
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
                    if let Some((_, action)) = action {
                        action();
                    }
                    self.lock()
                }
            };
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
        Error::new(ErrorKind::Io, format!("cannot start the thread that watches timeouts: {error}"))
            .with_source(error.into())
    })?;
    Ok(CLOCK.get_or_init(|| clock))
}
