//! Handles of the host's resources, 20 and later.

use super::wasmtime::AsContextMut;
use super::wasmtime::component::{Resource, ResourceAny};

/// `Err` has the first major that can.
pub(super) fn from_resource<R: 'static>(
    resource: Resource<R>,
    store: impl AsContextMut,
) -> Result<super::wasmtime::Result<ResourceAny>, u64> {
    Ok(ResourceAny::try_from_resource(resource, store))
}
