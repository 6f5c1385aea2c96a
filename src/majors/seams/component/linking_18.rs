//! Linkers of components, 18 to 21: they do not stub imports, and destructors cannot wait.

use super::wasmtime::{
    self,
    component::{Component, Linker, LinkerInstance, ResourceType},
};
use super::whole::{StoreData, host_error, poll_destructor};
use crate::bounds::Data;
use crate::component::AsyncComponentFunc;

/// `Err` has the first major that can.
pub(super) fn unknown_as_traps<T: Data>(
    _: &mut Linker<StoreData<T>>,
    _: &Component,
) -> Result<wasmtime::Result<()>, u64> {
    Err(22)
}

/// A destructor cannot wait: it must be ready when it is first polled.
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
    let added = linker.resource(name, ty, move |context, rep| {
        poll_destructor(Box::into_pin(dtor.call(context, rep)).as_mut()).map_err(host_error)
    });
    added.map(|_| ())
}
