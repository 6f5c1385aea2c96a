//! Types of components, 18: a component does not show its type, and types need no engine.

use super::wasmtime::Engine;
use super::wasmtime::component::Component;
use super::wasmtime::component::types::{self, ComponentItem};

pub(super) fn component_type(_: &Component) -> Option<types::Component> {
    None
}

pub(super) fn imports(ty: &types::Component, _: &Engine) -> Vec<(Box<str>, ComponentItem)> {
    ty.imports().map(|(name, item)| (name.into(), item)).collect()
}

pub(super) fn exports(ty: &types::Component, _: &Engine) -> Vec<(Box<str>, ComponentItem)> {
    ty.exports().map(|(name, item)| (name.into(), item)).collect()
}

pub(super) fn instance_exports(ty: &types::ComponentInstance, _: &Engine) -> Vec<(Box<str>, ComponentItem)> {
    ty.exports().map(|(name, item)| (name.into(), item)).collect()
}
