//! Renamed knobs, 27: one guard for every memory, but still a `static_` size.

use super::wasmtime::Config;

pub(super) fn backtraces(config: &mut Config, on: bool) {
    config.wasm_backtrace(on);
}

pub(super) fn memory_reservation(config: &mut Config, bytes: u64) {
    config.static_memory_maximum_size(bytes);
}

pub(super) fn memory_guard_size(config: &mut Config, bytes: u64) {
    config.memory_guard_size(bytes);
}
