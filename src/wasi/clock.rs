//! Owns the guest's clocks: the traits that a host implements, and the clocks of a configuration.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// A wall clock of the host's, for [`WasiConfig::wall_clock`](super::WasiConfig::wall_clock).
///
/// The clock of a configuration serves every store that is made from the configuration, and therefore is `Sync`.
///
/// ```
/// use std::time::Duration;
///
/// use wasmtime_compat::wasi::{HostWallClock, WasiConfig};
///
/// /// A clock that stands still.
/// struct Noon;
///
/// impl HostWallClock for Noon {
///     fn resolution(&self) -> Duration {
///         Duration::from_secs(1)
///     }
///
///     fn now(&self) -> Duration {
///         Duration::from_secs(1_700_000_000)
///     }
/// }
///
/// WasiConfig::new().wall_clock(Noon);
/// ```
pub trait HostWallClock: Send + Sync {
    /// The smallest difference between two readings.
    fn resolution(&self) -> Duration;

    /// The time since 1970-01-01T00:00:00Z, which is never negative.
    fn now(&self) -> Duration;
}

/// A monotonic clock of the host's, for [`WasiConfig::monotonic_clock`](super::WasiConfig::monotonic_clock).
///
/// The clock of a configuration serves every store that is made from the configuration, and therefore is `Sync`.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use wasmtime_compat::wasi::{HostMonotonicClock, WasiConfig};
///
/// /// A clock that advances by one microsecond per reading.
/// #[derive(Default)]
/// struct Steps(AtomicU64);
///
/// impl HostMonotonicClock for Steps {
///     fn resolution(&self) -> u64 {
///         1000
///     }
///
///     fn now(&self) -> u64 {
///         self.0.fetch_add(1000, Ordering::Relaxed)
///     }
/// }
///
/// WasiConfig::new().monotonic_clock(Steps::default());
/// ```
pub trait HostMonotonicClock: Send + Sync {
    /// The smallest difference between two readings, in nanoseconds.
    fn resolution(&self) -> u64;

    /// The time since any fixed moment, in nanoseconds. No reading is less than an earlier one.
    fn now(&self) -> u64;
}

/// Makes a clock for each store.
pub(crate) struct Clock<C: ?Sized>(Arc<dyn Fn() -> Box<C> + Send + Sync>);

impl<C: ?Sized> Clock<C> {
    pub(super) fn new(make: impl Fn() -> Box<C> + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    /// The clock of a new store.
    #[allow(dead_code, reason = "only majors make clocks")]
    pub(crate) fn make(&self) -> Box<C> {
        (self.0)()
    }
}

impl Clock<dyn HostWallClock> {
    /// One wall clock for all stores.
    pub(super) fn shared_wall(clock: impl HostWallClock + 'static) -> Self {
        let clock = Arc::new(clock);
        Self::new(move || Box::new(Shared(clock.clone())))
    }
}

impl Clock<dyn HostMonotonicClock> {
    /// One monotonic clock for all stores.
    pub(super) fn shared_monotonic(clock: impl HostMonotonicClock + 'static) -> Self {
        let clock = Arc::new(clock);
        Self::new(move || Box::new(Shared(clock.clone())))
    }
}

impl<C: ?Sized> Clone for Clock<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C: ?Sized> fmt::Debug for Clock<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// A clock of several stores.
struct Shared<C>(Arc<C>);

impl<C: HostWallClock> HostWallClock for Shared<C> {
    fn resolution(&self) -> Duration {
        self.0.resolution()
    }

    fn now(&self) -> Duration {
        self.0.now()
    }
}

impl<C: HostMonotonicClock> HostMonotonicClock for Shared<C> {
    fn resolution(&self) -> u64 {
        self.0.resolution()
    }

    fn now(&self) -> u64 {
        self.0.now()
    }
}

/// A clock that advances by a fixed step with each reading.
#[derive(Debug)]
pub(super) struct Steps {
    start: Duration,
    /// In nanoseconds.
    step: u64,
    readings: AtomicU64,
}

impl Steps {
    pub(super) fn new(start: Duration, step: Duration) -> Self {
        Self { start, step: nanoseconds(step), readings: AtomicU64::new(0) }
    }

    /// The time that the clock has advanced before this reading.
    fn advance(&self) -> Duration {
        Duration::from_nanos(self.readings.fetch_add(1, Ordering::Relaxed).saturating_mul(self.step))
    }

    fn smallest_step(&self) -> u64 {
        self.step.max(1)
    }
}

impl HostWallClock for Steps {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(self.smallest_step())
    }

    fn now(&self) -> Duration {
        self.start.saturating_add(self.advance())
    }
}

impl HostMonotonicClock for Steps {
    fn resolution(&self) -> u64 {
        self.smallest_step()
    }

    fn now(&self) -> u64 {
        nanoseconds(self.start.saturating_add(self.advance()))
    }
}

/// The clocks of this process: the wall clock, and the time since a store was made.
#[derive(Debug)]
pub(super) struct System(Instant);

impl System {
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }
}

impl HostWallClock for System {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

impl HostMonotonicClock for System {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        nanoseconds(self.0.elapsed())
    }
}

/// Nanoseconds, at most as many as a number of 64 bits holds.
pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
