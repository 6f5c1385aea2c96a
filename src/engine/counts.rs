//! Owns the counts of what advanced an engine's epoch.

use std::sync::atomic::{AtomicU64, Ordering};

/// How often an engine's epoch was advanced, and why.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// How often the user has advanced the epoch.
    ticks: AtomicU64,
    /// How often timeouts have advanced the epoch.
    wakeups: AtomicU64,
}

impl Counts {
    pub(crate) fn tick(&self) {
        self.ticks.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn wake(&self) {
        self.wakeups.fetch_add(1, Ordering::AcqRel);
    }

    /// How often [`Engine::increment_epoch`](super::Engine::increment_epoch) was called.
    pub(crate) fn ticks(&self) -> u64 {
        self.ticks.load(Ordering::Acquire)
    }

    /// How often timeouts have advanced the epoch.
    pub(crate) fn wakeups(&self) -> u64 {
        self.wakeups.load(Ordering::Acquire)
    }
}
