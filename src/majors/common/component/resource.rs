//! Resources of the host as values, and the types of resources.
#![expect(unsafe_code, reason = "Wasmtime trusts a type to be shaped as it declares")]

use super::wasmtime::component::__internal::InterfaceType;
use super::{forward, host_error, wasmtime};
use crate::component::Resource;

/// The type of a resource in this major.
pub type RawResourceType = wasmtime::component::ResourceType;

type Raw<T> = wasmtime::component::Resource<T>;

/// The type of the resources that the host keeps as `T`.
pub fn host_resource_type<T: 'static>() -> Option<RawResourceType> {
    Some(RawResourceType::host::<T>())
}

/// This major's own resource, for passing it on once.
#[inline]
fn pass<T: 'static>(resource: &Resource<T>, declared: InterfaceType) -> wasmtime::Result<Raw<T>> {
    let as_own = matches!(declared, InterfaceType::Own(_));
    resource.pass(as_own).map_err(|error| host_error(error.into()))?;
    Ok(if as_own { Raw::new_own(resource.rep()) } else { Raw::new_borrow(resource.rep()) })
}

#[inline]
pub(super) fn neutral<T: 'static>(raw: &Raw<T>) -> Resource<T> {
    if raw.owned() { Resource::new_own(raw.rep()) } else { Resource::new_borrow(raw.rep()) }
}

forward::forward!(type [T: 'static] Resource<T> as Raw<T>);
forward::forward!(lower [T: 'static] Resource<T> |this, ty| pass(this, ty));
forward::forward!(lift [T: 'static] Resource<T> as Raw<T> |value| Ok(neutral(&value)));
