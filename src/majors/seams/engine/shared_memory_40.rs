//! Memories that threads share, 40 and later: they have a switch of their own, which is off by default.

use super::wasmtime::Config;

/// Whether this major can do that.
pub(super) fn set(config: &mut Config, on: bool) -> bool {
    config.shared_memory(on);
    true
}
