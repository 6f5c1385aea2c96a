//! Owns `ProfilerBuilder`: the settings of a profiler, and the run of a guest under the profiler.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasmtime_compat::{CoreWasmtime, Data, Store, StoreHookState, UpdateDeadline, WasmBacktrace};

use crate::meter::{Meter, WeightUnit};
use crate::profile::Profile;
use crate::sampling::{Sampling, Ticker};

/// More ticks than any engine counts: a store with this deadline never reaches the deadline.
const NEVER: u64 = u64::MAX;

/// Profiles the guest that runs in a store.
pub struct ProfilerBuilder<'a, W: CoreWasmtime, T: Data> {
    store: &'a mut Store<W, T>,
    sampling: Sampling,
    weight_unit: WeightUnit,
    merge_recursion: bool,
}

impl<'a, W: CoreWasmtime, T: Data> ProfilerBuilder<'a, W, T> {
    /// A profiler that takes 1000 samples a second, weighted in nanoseconds.
    pub fn new(store: &'a mut Store<W, T>) -> Self {
        Self {
            store,
            sampling: Sampling::Clock { hertz: 1000 },
            weight_unit: WeightUnit::Nanoseconds,
            merge_recursion: false,
        }
    }

    /// When a sample is taken.
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// The unit in which samples are weighted.
    #[must_use]
    pub fn weight_unit(mut self, unit: WeightUnit) -> Self {
        self.weight_unit = unit;
        self
    }

    /// Whether a function that calls itself is one frame of a stack.
    #[must_use]
    pub fn merge_recursion(mut self, merge: bool) -> Self {
        self.merge_recursion = merge;
        self
    }

    /// Calls `invoke` with the store, and returns its result with the profile of what the guest did meanwhile, also if the
    /// guest failed. The epoch deadline of the store and the callback for the deadline are replaced; afterwards the store has
    /// no deadline.
    ///
    /// # Errors
    /// If the engine does not check epochs, if it does not count the fuel of [`WeightUnit::Fuel`], or if the thread of
    /// [`Sampling::Clock`] cannot be started.
    pub fn profile<R>(self, invoke: impl FnOnce(&mut Store<W, T>) -> R) -> anyhow::Result<(R, Profile)> {
        let Self { store, sampling, weight_unit, merge_recursion } = self;
        let mut meter = Meter::start(weight_unit, &*store)?;
        let profile = Arc::new(Mutex::new(Profile::new(weight_unit)));
        let recorded = profile.clone();
        let (ticks, every) = (sampling.ticks(), sampling.checks());
        let mut checks = 0;
        store.set_epoch_deadline(ticks)?;
        store.epoch_deadline_callback(move |state: StoreHookState<'_, W, T>| {
            checks += 1;
            if checks == every {
                checks = 0;
                let weight = meter.advance(&state)?;
                lock(&recorded).record(&WasmBacktrace::force_capture(&state), weight, merge_recursion);
            }
            Ok(UpdateDeadline::Continue(ticks))
        })?;
        let ticker = Ticker::start(store.engine(), sampling)?;
        let result = invoke(store);
        drop(ticker);
        store.epoch_deadline_trap()?;
        store.set_epoch_deadline(NEVER)?;
        let profile = std::mem::replace(&mut *lock(&profile), Profile::new(weight_unit));
        Ok((result, profile))
    }
}

fn lock(profile: &Mutex<Profile>) -> MutexGuard<'_, Profile> {
    profile.lock().unwrap_or_else(PoisonError::into_inner)
}
