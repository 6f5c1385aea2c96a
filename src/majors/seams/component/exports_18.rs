//! Looking up component exports, 18 to 22: through a tree of `Exports`. The engine of a component is private.

use super::wasmtime::component::{Component, Func, Instance, InstancePre};
use super::wasmtime::{AsContextMut, Engine};

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

/// The engine of a component, which is private here.
pub(super) fn engine(_: &Component) -> Option<&Engine> {
    None
}

/// The engine of a component that is linked, which is private here.
pub(super) fn engine_of_pre<T>(_: &InstancePre<T>) -> Option<&Engine> {
    None
}
