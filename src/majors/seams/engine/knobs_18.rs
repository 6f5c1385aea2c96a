//! Renamed knobs, 18 to 26: memory is `static_` or `dynamic_`, each with a guard of its own.

use super::wasmtime::Config;

pub(super) fn backtraces(config: &mut Config, on: bool) {
    config.wasm_backtrace(on);
}

pub(super) fn memory_reservation(config: &mut Config, bytes: u64) {
    config.static_memory_maximum_size(bytes);
}

pub(super) fn memory_guard_size(config: &mut Config, bytes: u64) {
    config.static_memory_guard_size(bytes).dynamic_memory_guard_size(bytes);
}
