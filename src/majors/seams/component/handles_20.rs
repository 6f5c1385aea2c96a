//! Handles of the host's resources, 20 to 39.

use super::wasmtime::component::{Resource, ResourceAny};
use super::wasmtime::{AsContextMut, StoreContextMut};

/// `Err` has the first major that can.
pub(super) fn from_resource<R: 'static>(
    resource: Resource<R>,
    store: impl AsContextMut,
) -> Result<super::wasmtime::Result<ResourceAny>, u64> {
    Ok(ResourceAny::try_from_resource(resource, store))
}

/// Gives a handle back, which may run a destructor.
pub(super) async fn drop_async<T: Send + 'static>(
    any: ResourceAny,
    store: StoreContextMut<'_, T>,
) -> super::wasmtime::Result<()> {
    any.resource_drop_async::<T>(store).await
}
