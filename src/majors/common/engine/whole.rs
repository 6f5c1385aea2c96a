//! Engines for asynchronous calls and components.

use super::{wasmtime, whole_switches};
use crate::engine::{Config, Knobs, PoolingAllocationConfig};

pub(in super::super) fn configure(raw: &mut wasmtime::Config, config: &Config, knobs: &Knobs) {
    #[allow(deprecated, reason = "needed up to 41, without effect from 42 on")]
    raw.async_support(config.async_support);
    if let Some(on) = config.wasm_component_model {
        raw.wasm_component_model(on);
    }
    whole_switches::knobs(raw, knobs);
}

/// Sets the limits of a pool that are about asynchronous calls.
pub(in super::super) fn limit_pool(raw: &mut wasmtime::PoolingAllocationConfig, pool: &PoolingAllocationConfig) {
    if let Some(count) = pool.total_stacks {
        raw.total_stacks(count);
    }
    if let Some(bytes) = pool.async_stack_keep_resident {
        raw.async_stack_keep_resident(bytes);
    }
}
