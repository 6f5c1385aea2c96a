//! Memories that threads share, 18 to 39: the proposal `threads` brings them. Guests that make them are refused before they are
//! compiled.

use super::wasmtime::Config;

pub(super) fn set(_: &mut Config, _: bool) {}
