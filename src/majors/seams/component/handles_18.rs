//! Handles of the host's resources, 18 and 19: one is made with a component that imports the resource only.

use super::wasmtime::component::{Resource, ResourceAny};
use super::wasmtime::{AsContextMut, StoreContextMut};

/// The first major that can.
pub(super) fn from_resource<R: 'static>(
    _: Resource<R>,
    _: impl AsContextMut,
) -> Result<super::wasmtime::Result<ResourceAny>, u64> {
    Err(20)
}

/// Gives a handle back, which may run a destructor.
pub(super) async fn drop_async<T: Send + 'static>(
    any: ResourceAny,
    store: StoreContextMut<'_, T>,
) -> super::wasmtime::Result<()> {
    any.resource_drop_async::<T>(store).await
}
