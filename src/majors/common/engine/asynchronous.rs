//! Engines for asynchronous calls.

use super::wasmtime;
use crate::engine::Config;

/// Stack that an async guest's fiber needs beyond what WebAssembly may use, in bytes.
const FIBER_RESERVE: usize = 1 << 20;

/// Wasmtime's default fiber stack, in bytes.
const FIBER_DEFAULT: usize = 2 << 20;

pub(super) fn configure(raw: &mut wasmtime::Config, config: &Config) {
    #[allow(deprecated, reason = "needed up to 41, without effect from 42 on")]
    raw.async_support(config.async_support);
    if let Some(bytes) = config.max_wasm_stack {
        raw.async_stack_size(bytes.saturating_add(FIBER_RESERVE).max(FIBER_DEFAULT));
    }
}
