//! Looking up component exports, 33 and later: `get_export` returns a pair, and the index alone has its own function.

use super::wasmtime::AsContextMut;
use super::wasmtime::component::{Func, Instance};

pub(super) fn func(
    instance: &Instance,
    mut store: impl AsContextMut,
    interface: Option<&str>,
    name: &str,
) -> Option<Func> {
    let parent = match interface {
        Some(interface) => Some(instance.get_export_index(store.as_context_mut(), None, interface)?),
        None => None,
    };
    let index = instance.get_export_index(store.as_context_mut(), parent.as_ref(), name)?;
    instance.get_func(store.as_context_mut(), index)
}
