//! Resources of the host whose type is a number.
#![expect(unsafe_code, reason = "Wasmtime trusts a type to be shaped as it declares")]

use super::resource::RawResourceType;
use super::wasmtime::component::__internal::{InstanceType, InterfaceType, LowerContext};
use super::wasmtime::component::{ComponentType, ResourceAny as RawResourceAny};
use super::{MAJOR, StoreData, dynamic, forward, host_error, wasmtime};
use crate::bounds::Data;
use crate::component::{InResourceAny, ResourceAny, ResourceDynamic};
use crate::error::{Error, ErrorKind, Result, Unsupported};

/// The type of the resources that the host identifies by this number.
pub fn dynamic_resource_type(payload: u32) -> Option<RawResourceType> {
    dynamic::resource_type(payload).ok()
}

/// This major has no such resources.
#[cold]
pub(super) fn unsupported(since: u64) -> Error {
    let what = "resource types that are numbers".to_owned();
    Error::from_unsupported(Unsupported { since: Some(since), ..Unsupported::new(what, MAJOR) })
}

#[cold]
fn unsupported_in_value(since: u64) -> wasmtime::Error {
    host_error(unsupported(since).into())
}

fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
    dynamic::resource_type(0).map_err(unsupported_in_value)?;
    <dynamic::Raw as ComponentType>::typecheck(ty, types)
}

/// This major's own resource, for passing it on once.
#[inline]
fn pass<U>(
    resource: &ResourceDynamic,
    declared: InterfaceType,
    cx: &LowerContext<'_, U>,
) -> wasmtime::Result<dynamic::Raw> {
    let (as_own, wanted) = match declared {
        InterfaceType::Own(wanted) => (true, Some(wanted)),
        InterfaceType::Borrow(wanted) => (false, Some(wanted)),
        _ => (false, None),
    };
    let own = dynamic::resource_type(resource.ty()).map_err(unsupported_in_value)?;
    if wanted.map(|wanted| cx.resource_type(wanted)) != Some(own) {
        return Err(host_error(another_type(resource.ty()).into()));
    }
    resource.pass(as_own).map_err(|error| host_error(error.into()))?;
    dynamic::raw(resource, as_own).map_err(unsupported_in_value)
}

#[cold]
fn another_type(ty: u32) -> Error {
    Error::new(
        ErrorKind::TypeMismatch,
        format!("the resource has another type than the component expects: number {ty}"),
    )
}

forward::forward!(type [] ResourceDynamic as dynamic::Raw, typecheck);
forward::forward!(lower [] ResourceDynamic |this, ty, cx| pass(this, ty, cx));
forward::forward!(lift [] ResourceDynamic as dynamic::Raw |value| dynamic::neutral(&value).map_err(unsupported_in_value));

/// The resource behind a handle, which is removed from the store.
pub(super) fn from_any<T: Data>(
    any: &ResourceAny,
    context: wasmtime::StoreContextMut<'_, StoreData<T>>,
) -> Result<wasmtime::Result<ResourceDynamic>> {
    let raw = dynamic::from_any(RawResourceAny::expect(any)?, context).map_err(unsupported)?;
    match raw {
        Ok(raw) => dynamic::neutral(&raw).map(Ok).map_err(unsupported),
        Err(raw) => Ok(Err(raw)),
    }
}

/// A handle of an owned resource.
pub(super) fn into_any<T: Data>(
    resource: &ResourceDynamic,
    context: wasmtime::StoreContextMut<'_, StoreData<T>>,
) -> Result<wasmtime::Result<ResourceAny>> {
    let raw = dynamic::raw(resource, true).map_err(unsupported)?;
    Ok(dynamic::into_any(raw, context).map(InResourceAny::wrap))
}
