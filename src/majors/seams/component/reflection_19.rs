//! Types of components, 19: a component does not show its type.

use super::wasmtime::Engine;
use super::wasmtime::component::Component;
use super::wasmtime::component::types::{self, ComponentItem};

pub(super) fn component_type(_: &Component) -> Option<types::Component> {
    None
}

pub(super) fn imports(ty: &types::Component, engine: &Engine) -> Vec<(Box<str>, ComponentItem)> {
    ty.imports(engine).map(|(name, item)| (name.into(), item)).collect()
}

pub(super) fn exports(ty: &types::Component, engine: &Engine) -> Vec<(Box<str>, ComponentItem)> {
    ty.exports(engine).map(|(name, item)| (name.into(), item)).collect()
}

pub(super) fn instance_exports(ty: &types::ComponentInstance, engine: &Engine) -> Vec<(Box<str>, ComponentItem)> {
    ty.exports(engine).map(|(name, item)| (name.into(), item)).collect()
}
