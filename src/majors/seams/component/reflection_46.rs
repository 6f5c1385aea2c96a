//! Types of components, 46 and later: an item has more than its type.

use super::wasmtime::Engine;
use super::wasmtime::component::Component;
use super::wasmtime::component::types::{self, ComponentItem};

pub(super) fn component_type(component: &Component) -> Option<types::Component> {
    Some(component.component_type())
}

pub(super) fn imports(ty: &types::Component, engine: &Engine) -> Vec<(Box<str>, ComponentItem)> {
    ty.imports(engine).map(|(name, item)| (name.into(), item.ty)).collect()
}

pub(super) fn exports(ty: &types::Component, engine: &Engine) -> Vec<(Box<str>, ComponentItem)> {
    ty.exports(engine).map(|(name, item)| (name.into(), item.ty)).collect()
}

pub(super) fn instance_exports(ty: &types::ComponentInstance, engine: &Engine) -> Vec<(Box<str>, ComponentItem)> {
    ty.exports(engine).map(|(name, item)| (name.into(), item.ty)).collect()
}
