//! Owns the weights of samples.

use std::mem;
use std::time::Instant;

use wasmtime_compat::{AsContext, CoreWasmtime, Result};

/// The unit in which samples are weighted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum WeightUnit {
    /// Every sample counts once.
    #[default]
    Samples,
    /// The fuel that the guest has used since the sample before. Wasmtime notes the fuel whenever a guest calls a function: what
    /// a loop uses without a call counts for the next sample after a call.
    Fuel,
    /// The time since the sample before.
    Nanoseconds,
}

/// What the guest has used so far.
pub(crate) enum Meter {
    Samples,
    /// The fuel left at the last sample.
    Fuel(u64),
    /// The time of the last sample.
    Time(Instant),
}

impl Meter {
    pub(crate) fn start<W: CoreWasmtime>(unit: WeightUnit, store: impl AsContext<W>) -> Result<Self> {
        Ok(match unit {
            WeightUnit::Samples => Self::Samples,
            WeightUnit::Fuel => Self::Fuel(store.as_context().get_fuel()?),
            WeightUnit::Nanoseconds => Self::Time(Instant::now()),
        })
    }

    /// What the guest has used since the sample before.
    pub(crate) fn advance<W: CoreWasmtime>(&mut self, store: impl AsContext<W>) -> Result<u64> {
        match self {
            Self::Samples => Ok(1),
            Self::Fuel(left) => {
                let now = store.as_context().get_fuel()?;
                Ok(mem::replace(left, now).saturating_sub(now))
            }
            Self::Time(before) => {
                let now = Instant::now();
                let passed = now.duration_since(mem::replace(before, now));
                Ok(u64::try_from(passed.as_nanos()).unwrap_or(u64::MAX))
            }
        }
    }
}
