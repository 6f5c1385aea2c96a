//! Renamed knobs, 43 and later: backtraces are switched by their length.

use std::num::NonZeroUsize;

use super::wasmtime::Config;

pub(super) fn backtraces(config: &mut Config, on: bool) {
    // As many frames as Wasmtime shows by default.
    const FRAMES: Option<NonZeroUsize> = NonZeroUsize::new(20);
    config.wasm_backtrace_max_frames(if on { FRAMES } else { None });
}

pub(super) fn memory_reservation(config: &mut Config, bytes: u64) {
    config.memory_reservation(bytes);
}

pub(super) fn memory_guard_size(config: &mut Config, bytes: u64) {
    config.memory_guard_size(bytes);
}
