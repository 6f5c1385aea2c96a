//! Renamed knobs, 28 to 42: one kind of memory, one guard.

use super::wasmtime::Config;

pub(super) fn backtraces(config: &mut Config, on: bool) {
    config.wasm_backtrace(on);
}

pub(super) fn memory_reservation(config: &mut Config, bytes: u64) {
    config.memory_reservation(bytes);
}

pub(super) fn memory_guard_size(config: &mut Config, bytes: u64) {
    config.memory_guard_size(bytes);
}
