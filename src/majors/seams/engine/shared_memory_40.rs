//! Memories that threads share, 40 and later: they have a switch of their own.

use super::wasmtime::Config;

pub(super) fn set(config: &mut Config, on: bool) {
    config.shared_memory(on);
}
