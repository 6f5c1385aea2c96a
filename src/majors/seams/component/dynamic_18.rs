//! Resources whose type is a number, 18 to 38: there are none. Each `Err` has the first major that has them.

use super::wasmtime::component::{ResourceAny, ResourceType};
use super::wasmtime::{self, AsContextMut};
use crate::component::ResourceDynamic;

/// A type of the same shape, of which no value is made.
pub(super) type Raw = ResourceAny;

pub(super) fn resource_type(_: u32) -> Result<ResourceType, u64> {
    Err(39)
}

pub(super) fn raw(_: &ResourceDynamic, _as_own: bool) -> Result<Raw, u64> {
    Err(39)
}

pub(super) fn neutral(_: &Raw) -> Result<ResourceDynamic, u64> {
    Err(39)
}

pub(super) fn from_any(_: ResourceAny, _: impl AsContextMut) -> Result<wasmtime::Result<Raw>, u64> {
    Err(39)
}

pub(super) fn into_any(raw: Raw, _: impl AsContextMut) -> wasmtime::Result<ResourceAny> {
    Ok(raw)
}
