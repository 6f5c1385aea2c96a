//! Renamed knobs, 43 and later: backtraces are switched by their length.

use std::num::NonZeroUsize;

use super::wasmtime::Config;

pub(super) fn backtraces(config: &mut Config, on: bool) {
    // One more than is kept, so that it is known whether there were more.
    const FRAMES: Option<NonZeroUsize> = NonZeroUsize::new(crate::error::backtrace::MOST + 1);
    config.wasm_backtrace_max_frames(if on { FRAMES } else { None });
}

pub(super) fn memory_reservation(config: &mut Config, bytes: u64) {
    config.memory_reservation(bytes);
}

pub(super) fn memory_guard_size(config: &mut Config, bytes: u64) {
    config.memory_guard_size(bytes);
}
