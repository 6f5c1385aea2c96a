//! Looking up component exports, 18 to 22: through a tree of `Exports`.

use super::wasmtime::AsContextMut;
use super::wasmtime::component::{Func, Instance};

pub(super) fn func(
    instance: &Instance,
    mut store: impl AsContextMut,
    interface: Option<&str>,
    name: &str,
) -> Option<Func> {
    let mut exports = instance.exports(store.as_context_mut());
    match interface {
        Some(interface) => exports.instance(interface)?.func(name),
        None => exports.root().func(name),
    }
}
