//! A host's clocks and sources of random bytes, as this major's.

use std::time::Duration;

use super::names::{HostMonotonicClock, HostWallClock};
use crate::wasi;

/// A clock of the host's.
pub(super) struct Clock<C: ?Sized>(pub(super) Box<C>);

impl HostWallClock for Clock<dyn wasi::HostWallClock> {
    fn resolution(&self) -> Duration {
        self.0.resolution()
    }

    fn now(&self) -> Duration {
        self.0.now()
    }
}

impl HostMonotonicClock for Clock<dyn wasi::HostMonotonicClock> {
    fn resolution(&self) -> u64 {
        self.0.resolution()
    }

    fn now(&self) -> u64 {
        self.0.now()
    }
}

/// A source of the host's. Which trait it has is the axis `random`.
pub(in super::super::super) struct Random(pub(in super::super::super) wasi::RandomBytes);
