//! Memories that threads share, 18 to 39: the proposal `threads` brings them.

use super::wasmtime::Config;

/// Whether this major can do that.
pub(super) fn set(_: &mut Config, on: bool) -> bool {
    on
}
