//! Linkers of components, 25 and later: destructors can be asynchronous.

use super::wasmtime::component::{Component, Linker, LinkerInstance, ResourceType};
use super::wasmtime::{self, StoreContextMut};
use super::whole::{StoreData, host_error};
use crate::bounds::Data;
use crate::component::AsyncComponentFunc;

/// `Err` has the first major that can.
pub(super) fn unknown_as_traps<T: Data>(
    linker: &mut Linker<StoreData<T>>,
    component: &Component,
) -> Result<wasmtime::Result<()>, u64> {
    Ok(linker.define_unknown_imports_as_traps(component))
}

/// A destructor can wait.
pub(super) fn resource_async<T, F>(
    linker: &mut LinkerInstance<'_, StoreData<T>>,
    name: &str,
    ty: ResourceType,
    dtor: F,
) -> wasmtime::Result<()>
where
    T: Data + Send,
    F: AsyncComponentFunc<super::V, T, u32, ()>,
{
    linker.resource_async(name, ty, move |context: StoreContextMut<'_, StoreData<T>>, rep| {
        let future = Box::into_pin(dtor.call(context, rep));
        Box::new(async move { future.await.map_err(host_error) })
    })
}
