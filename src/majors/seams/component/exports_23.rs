//! Looking up component exports, 23 to 32: by index, found by parent and name.

pub(super) use super::wasmtime::component::ComponentExportIndex as ExportIndex;
use super::wasmtime::component::types::ComponentItem;
use super::wasmtime::component::{Component, Func, Instance, ResourceType};
use super::wasmtime::{AsContextMut, Engine, Module, StoreContextMut};

/// The place of an export, if the instance has it.
pub(super) fn find(
    instance: &Instance,
    store: impl AsContextMut,
    parent: Option<&ExportIndex>,
    name: &str,
) -> Option<ExportIndex> {
    instance.get_export(store, parent, name)
}

/// The place of an export with its type: `Err` has the first major that can.
pub(super) fn find_item<T: 'static>(
    _: &Instance,
    _: StoreContextMut<'_, T>,
    _: Option<&ExportIndex>,
    _: &str,
) -> Result<Option<(ComponentItem, ExportIndex)>, u64> {
    Err(33)
}

/// The place of an export of a component, if the component has it.
pub(super) fn in_component(
    component: &Component,
    _: &Engine,
    parent: Option<&ExportIndex>,
    name: &str,
) -> Option<ExportIndex> {
    component.export_index(parent, name).map(|(_, index)| index)
}

pub(super) fn func(instance: &Instance, store: impl AsContextMut, index: &ExportIndex) -> Option<Func> {
    instance.get_func(store, index)
}

pub(super) fn resource(instance: &Instance, store: impl AsContextMut, index: &ExportIndex) -> Option<ResourceType> {
    instance.get_resource(store, index)
}

pub(super) fn module(instance: &Instance, store: impl AsContextMut, index: &ExportIndex) -> Option<Module> {
    instance.get_module(store, index)
}
