//! Resources whose type is a number, 39 and later.

use super::wasmtime::component::{ResourceAny, ResourceDynamic as RawDynamicResource, ResourceType};
use super::wasmtime::{self, AsContextMut};
use crate::component::ResourceDynamic;

/// The resource in this major.
pub(super) type Raw = RawDynamicResource;

/// `Err` has the first major that has such types.
pub(super) fn resource_type(payload: u32) -> Result<ResourceType, u64> {
    Ok(ResourceType::host_dynamic(payload))
}

pub(super) fn raw(resource: &ResourceDynamic, as_own: bool) -> Result<Raw, u64> {
    let (rep, ty) = (resource.rep(), resource.ty());
    Ok(if as_own { Raw::new_own(rep, ty) } else { Raw::new_borrow(rep, ty) })
}

pub(super) fn neutral(raw: &Raw) -> Result<ResourceDynamic, u64> {
    let (rep, ty) = (raw.rep(), raw.ty());
    Ok(if raw.owned() { ResourceDynamic::new_own(rep, ty) } else { ResourceDynamic::new_borrow(rep, ty) })
}

pub(super) fn from_any(any: ResourceAny, store: impl AsContextMut) -> Result<wasmtime::Result<Raw>, u64> {
    Ok(any.try_into_resource_dynamic(store))
}

pub(super) fn into_any(raw: Raw, store: impl AsContextMut) -> wasmtime::Result<ResourceAny> {
    raw.try_into_resource_any(store)
}
