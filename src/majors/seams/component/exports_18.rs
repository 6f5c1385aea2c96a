//! Looking up component exports, 18 to 22: through a tree of `Exports`, by a path of names. The engine of a component is private.

use super::wasmtime::component::types::ComponentItem;
use super::wasmtime::component::{Component, ExportInstance, Func, Instance, ResourceType};
use super::wasmtime::{AsContextMut, Engine, Module, StoreContextMut};
use super::{reflection, whole};

/// The place of an export: its name, and those of the instances around it, the outermost first.
#[derive(Clone)]
pub struct ExportIndex {
    path: Vec<Box<str>>,
    name: Box<str>,
}

impl ExportIndex {
    fn new(parent: Option<&Self>, name: &str) -> Self {
        let path = match parent {
            Some(parent) => parent.path.iter().chain([&parent.name]).cloned().collect(),
            None => Vec::new(),
        };
        Self { path, name: name.into() }
    }
}

/// Does something in the instance around an export.
fn within<R>(
    instance: &Instance,
    mut store: impl AsContextMut,
    index: &ExportIndex,
    then: impl FnOnce(&mut ExportInstance<'_, '_>, &str) -> Option<R>,
) -> Option<R> {
    let mut exports = instance.exports(store.as_context_mut());
    let mut names = index.path.iter();
    let mut around = match names.next() {
        Some(name) => exports.instance(name)?,
        None => exports.root(),
    };
    for name in names {
        around = around.into_instance(name)?;
    }
    then(&mut around, &index.name)
}

/// The place of an export, if the instance has it.
pub(super) fn find(
    instance: &Instance,
    mut store: impl AsContextMut,
    parent: Option<&ExportIndex>,
    name: &str,
) -> Option<ExportIndex> {
    let index = ExportIndex::new(parent, name);
    let is_there = within(instance, store.as_context_mut(), &index, |around, name| {
        // Looking for a function comes last, because the store remembers each one that is found.
        let is_other =
            around.instance(name).is_some() || around.resource(name).is_some() || around.module(name).is_some();
        (is_other || around.func(name).is_some()).then_some(())
    });
    is_there.map(|()| index)
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

/// The place of an export of a component, if the component shows its type and has it.
pub(super) fn in_component(
    component: &Component,
    engine: &Engine,
    parent: Option<&ExportIndex>,
    name: &str,
) -> Option<ExportIndex> {
    let index = ExportIndex::new(parent, name);
    let Some(ty) = reflection::component_type(component) else { return Some(index) };
    let exports = reflection::exports(&ty, engine);
    let path: Vec<&str> = index.path.iter().chain([&index.name]).map(|name| &**name).collect();
    whole::has_export(exports, &path, engine).then_some(index)
}

pub(super) fn func(instance: &Instance, store: impl AsContextMut, index: &ExportIndex) -> Option<Func> {
    within(instance, store, index, |around, name| around.func(name))
}

pub(super) fn resource(instance: &Instance, store: impl AsContextMut, index: &ExportIndex) -> Option<ResourceType> {
    within(instance, store, index, |around, name| around.resource(name))
}

pub(super) fn module(instance: &Instance, store: impl AsContextMut, index: &ExportIndex) -> Option<Module> {
    within(instance, store, index, |around, name| around.module(name).cloned())
}
