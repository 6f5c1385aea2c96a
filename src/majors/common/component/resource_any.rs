//! Handles of resources whose type is known when the program runs.
#![expect(unsafe_code, reason = "Wasmtime trusts a type to be shaped as it declares")]

use super::resource::neutral;
use super::{MAJOR, V, error, forward, handles, host_error, resource_dynamic, wasmtime};
use crate::backend::ComponentResources;
use crate::bounds::Data;
use crate::component::{InResourceAny, InResourceType, Resource, ResourceAny, ResourceDynamic, ResourceType};
use crate::error::{Error, ErrorKind, Result, Unsupported};

/// A handle of a resource in this major.
pub type RawResourceAny = wasmtime::component::ResourceAny;

/// The type of the resource.
pub fn resource_type_of(raw: RawResourceAny) -> ResourceType {
    raw.ty().wrap()
}

/// Whether the holder owns the resource.
pub fn resource_is_owned(raw: RawResourceAny) -> bool {
    raw.owned()
}

/// This major's own handle.
#[inline]
fn own(any: &ResourceAny) -> wasmtime::Result<RawResourceAny> {
    RawResourceAny::expect(any).map_err(|error| host_error(error.into()))
}

forward::forward!(type [] ResourceAny as RawResourceAny);
forward::forward!(lower [] ResourceAny |this, ty| own(this));
forward::forward!(lift [] ResourceAny as RawResourceAny |value| Ok(value.wrap()));

impl ComponentResources for V {
    fn resource_drop<T: Data>(any: &ResourceAny, context: Self::StoreContextMut<'_, T>) -> Result<()> {
        RawResourceAny::expect(any)?.resource_drop(context).map_err(not_usable)
    }

    async fn resource_drop_async<T: Data + Send>(
        any: &ResourceAny,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<()> {
        handles::drop_async(RawResourceAny::expect(any)?, context).await.map_err(not_usable)
    }

    fn any_into_resource<T: Data, R: 'static>(
        any: &ResourceAny,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<Resource<R>> {
        let raw = RawResourceAny::expect(any)?.try_into_resource::<R>(context).map_err(not_usable)?;
        Ok(neutral(&raw))
    }

    fn resource_into_any<T: Data, R: 'static>(
        resource: Resource<R>,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<ResourceAny> {
        let raw = wasmtime::component::Resource::<R>::new_own(resource.rep());
        match handles::from_resource(raw, context) {
            Ok(any) => any.map(InResourceAny::wrap).map_err(not_usable),
            Err(since) => {
                let what = "handles of the host's resources made by the host".to_owned();
                Err(Error::from_unsupported(Unsupported { since: Some(since), ..Unsupported::new(what, MAJOR) }))
            }
        }
    }

    fn any_into_dynamic<T: Data>(any: &ResourceAny, context: Self::StoreContextMut<'_, T>) -> Result<ResourceDynamic> {
        resource_dynamic::from_any(any, context)?.map_err(not_usable)
    }

    fn dynamic_into_any<T: Data>(
        resource: ResourceDynamic,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<ResourceAny> {
        resource_dynamic::into_any(&resource, context)?.map_err(not_usable)
    }
}

/// Why a handle cannot be used: what the destructor ended with, or what is wrong with the handle.
#[cold]
fn not_usable(raw: wasmtime::Error) -> Error {
    let text = raw.root_cause().to_string();
    if text == "resource type mismatch" {
        return error::classify(raw, ErrorKind::TypeMismatch, "the resource is not of the host's type");
    }
    let is_handle = text.starts_with("unknown handle index")
        || text.starts_with("host-owned resource")
        || text.starts_with("index ")
        || text.starts_with("cannot lift")
        || text.starts_with("cannot remove");
    if is_handle {
        return error::classify(raw, ErrorKind::InvalidArgument, "the handle of the resource cannot be used");
    }
    error::call(raw)
}
