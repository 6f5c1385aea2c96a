//! Asynchronous host functions, instantiation and calls of core modules.

use super::memory::{not_created, not_grown};
use super::{Params, Results, V, error, host_async, types, wasmtime};
use crate::MemoryType;
use crate::backend::{AsyncFuncs, AsyncInstances, AsyncLinkers, AsyncMemories};
use crate::bounds::Data;
use crate::core::AsyncHostFunc;
use crate::error::{ErrorKind, Result};
use crate::{HostParams, HostResults, WasmParams, WasmResults};

impl AsyncLinkers for V {
    fn func_wrap_async<T, P, R, F>(linker: &mut Self::Linker<T>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Data + Send,
        P: HostParams,
        R: HostResults,
        F: AsyncHostFunc<Self, T, P, R>,
    {
        type InMajor<P> = <P as super::HostParams>::InMajor;
        <InMajor<P> as host_async::AsyncParams>::wrap_async(linker, module, name, move |caller, params| {
            func.call(caller, <P as super::HostParams>::from_major(params))
        })
        .map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add a host function"))
    }

    async fn link_module_async<T: Data + Send>(
        linker: &mut Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
        module: &wasmtime::Module,
    ) -> Result<()> {
        error::same_engine(linker.engine(), context.engine(), "module")?;
        error::same_engine(linker.engine(), module.engine(), "module")?;
        linker.module_async(context, name, module).await.map(drop).map_err(error::linked_module)
    }
}

impl AsyncInstances for V {
    async fn instantiate_async<T: Data + Send>(
        pre: &Self::InstancePre<T>,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<wasmtime::Instance> {
        error::same_engine(context.engine(), pre.module().engine(), "module")?;
        pre.instantiate_async(context).await.map_err(error::call)
    }
}

impl AsyncFuncs for V {
    async fn call_async<T: Data + Send, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> Result<R> {
        let results = func.call_async(context, <P as Params>::into_major(params)).await;
        results.map(<R as Results>::from_major).map_err(error::call)
    }
}

impl AsyncMemories for V {
    async fn new_memory_async<T: Data + Send>(
        context: Self::StoreContextMut<'_, T>,
        ty: &MemoryType,
    ) -> Result<wasmtime::Memory> {
        wasmtime::Memory::new_async(context, types::memory_type_in_major(ty)?).await.map_err(not_created)
    }

    async fn memory_grow_async<T: Data + Send>(
        memory: &wasmtime::Memory,
        context: Self::StoreContextMut<'_, T>,
        pages: u64,
    ) -> Result<u64> {
        memory.grow_async(context, pages).await.map_err(not_grown)
    }
}
