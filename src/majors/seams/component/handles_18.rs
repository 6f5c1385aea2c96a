//! Handles of the host's resources, 18 and 19: one is made with a component that imports the resource only.

use super::wasmtime::AsContextMut;
use super::wasmtime::component::{Resource, ResourceAny};

/// The first major that can.
pub(super) fn from_resource<R: 'static>(
    _: Resource<R>,
    _: impl AsContextMut,
) -> Result<super::wasmtime::Result<ResourceAny>, u64> {
    Err(20)
}
