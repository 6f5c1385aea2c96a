//! Linkers of components, 18 to 21: they do not stub imports, and destructors are synchronous.

use super::wasmtime::{
    self,
    component::{Component, Linker, LinkerInstance, ResourceType},
};
use super::whole::StoreData;
use crate::bounds::Data;
use crate::component::AsyncComponentFunc;

/// `Err` has the first major that can.
pub(super) fn unknown_as_traps<T: Data>(
    _: &mut Linker<StoreData<T>>,
    _: &Component,
) -> Result<wasmtime::Result<()>, u64> {
    Err(22)
}

/// `Err` has the first major that can.
pub(super) fn resource_async<T, F>(
    _: &mut LinkerInstance<'_, StoreData<T>>,
    _: &str,
    _: ResourceType,
    _: F,
) -> Result<wasmtime::Result<()>, u64>
where
    T: Data + Send,
    F: AsyncComponentFunc<super::V, T, u32, ()>,
{
    Err(25)
}
