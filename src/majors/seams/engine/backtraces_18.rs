//! Backtraces, 18 to 42: a switch.

use std::num::NonZeroUsize;

use super::wasmtime::Config;

pub(super) fn set(config: &mut Config, frames: Option<NonZeroUsize>) {
    config.wasm_backtrace(frames.is_some());
}
