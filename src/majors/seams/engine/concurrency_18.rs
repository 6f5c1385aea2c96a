//! Asynchronous components, 18 to 41: nothing of them is on unless it is asked for.

use super::wasmtime::Config;

pub(super) fn set(_: &mut Config, _: bool) {}
