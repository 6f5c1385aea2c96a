//! Looking up component exports, 23 to 32: by index, found by parent and name.

use super::wasmtime::component::{Component, Func, Instance, InstancePre};
use super::wasmtime::{AsContextMut, Engine};

pub(super) fn func(
    instance: &Instance,
    mut store: impl AsContextMut,
    interface: Option<&str>,
    name: &str,
) -> Option<Func> {
    let parent = match interface {
        Some(interface) => Some(instance.get_export(store.as_context_mut(), None, interface)?),
        None => None,
    };
    let index = instance.get_export(store.as_context_mut(), parent.as_ref(), name)?;
    instance.get_func(store.as_context_mut(), index)
}

/// The engine of a component.
pub(super) fn engine(component: &Component) -> Option<&Engine> {
    Some(component.engine())
}

/// The engine of a component that is linked.
pub(super) fn engine_of_pre<T: 'static>(pre: &InstancePre<T>) -> Option<&Engine> {
    Some(pre.engine())
}
