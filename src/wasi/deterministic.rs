//! Owns the preset with which a guest sees the same time and the same random numbers in every run, on every major.

use std::time::Duration;

use super::clock::{Clock, Steps};
use super::random::{Generator, Random};
use super::{HostMonotonicClock, HostWallClock, WasiConfig};

/// Time and randomness that are the same in every run: clocks that advance by a fixed step with each reading, and random
/// numbers from a seed. For [`WasiConfig::deterministic`].
///
/// Each store starts at the beginning. The same seed gives a guest the same bytes on every major, with preview1 and with
/// WASI 0.2 alike; they come from xoshiro256++, which is **not secure**: do not let a guest make keys from them.
///
/// Waiting takes no time: the clocks of a guest that sleeps for a second advance by a second, and the guest continues at once.
/// [`WasiConfig::virtual_sleep`] describes it; it can be turned off after the preset is set, and then the clocks do not advance
/// while a guest waits. Times of files are those of the host's file system.
///
/// ```
/// use std::time::Duration;
///
/// use wasmtime_compat::wasi::{Deterministic, WasiConfig};
///
/// let mut wasi = WasiConfig::new();
/// wasi.deterministic(Deterministic::new(42).start(Duration::from_secs(1_700_000_000)).step(Duration::from_millis(10)));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deterministic {
    seed: u64,
    start: Duration,
    step: Duration,
}

impl Deterministic {
    /// Random numbers from this seed. The wall clock starts at 1970-01-01T00:00:00Z, the monotonic clock at zero, and both
    /// advance by a millisecond with each reading.
    pub fn new(seed: u64) -> Self {
        Self { seed, start: Duration::ZERO, step: Duration::from_millis(1) }
    }

    /// Sets the first reading of the wall clock, since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn start(mut self, start: Duration) -> Self {
        self.start = start;
        self
    }

    /// Sets the time by which each reading of a clock advances that clock. With zero the clocks stand still.
    #[must_use]
    pub fn step(mut self, step: Duration) -> Self {
        self.step = step;
        self
    }

    pub(super) fn apply(self, config: &mut WasiConfig) {
        let Self { seed, start, step } = self;
        let mut seeds = Generator::new(seed);
        let (secure, insecure) = (seeds.next(), seeds.next());
        config.wall_clock = Some(Clock::<dyn HostWallClock>::new(move || Box::new(Steps::new(start, step))));
        let monotonic = move || -> Box<dyn HostMonotonicClock> { Box::new(Steps::new(Duration::ZERO, step)) };
        config.monotonic_clock = Some(Clock::new(monotonic));
        config.virtual_sleep = true;
        config.secure_random = Some(from_seed(secure));
        config.insecure_random = Some(from_seed(insecure));
        config.insecure_random_seed = Some(u128::from(seeds.next()) << 64 | u128::from(seeds.next()));
    }
}

fn from_seed(seed: u64) -> Random {
    Random::new(move || {
        let mut generator = Generator::new(seed);
        Box::new(move |bytes: &mut [u8]| generator.fill(bytes))
    })
}
