//! Backtraces, 18 to 42: a switch.

use super::wasmtime::Config;

pub(super) fn set(config: &mut Config, on: bool) {
    config.wasm_backtrace(on);
}
