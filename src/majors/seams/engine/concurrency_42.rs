//! Asynchronous components, 42 and later: the state for them in stores, and from 46 on the components themselves, are on by
//! default as soon as any package turns a cargo feature of Wasmtime on.

use super::wasmtime::Config;

pub(super) fn set(raw: &mut Config, on: bool) {
    raw.concurrency_support(on);
}
