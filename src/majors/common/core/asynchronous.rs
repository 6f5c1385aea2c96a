//! Asynchronous host functions, instantiation and calls of core modules.

use std::any::Any;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::super::common::core::{definitions, extern_ref, externs, func, table, value};
use super::memory::{not_created, not_grown};
use super::{Params, Results, V, async_references, error, host_async, references, roots, types, wasmtime};
use crate::backend::{
    AsyncDefinitions, AsyncExternRefs, AsyncExterns, AsyncFuncs, AsyncInstances, AsyncLinkers, AsyncMemories,
    AsyncTables,
};
use crate::bounds::Data;
use crate::core::{AsyncDynamicFunc, AsyncHostFunc};
use crate::error::{Error, ErrorKind, Result};
use crate::store::StoreId;
use crate::{Extern, FuncType, HostParams, HostResults, MemoryType, TableType, Val, WasmParams, WasmResults};
use wasmtime::AsContextMut as _;

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

impl AsyncExterns for V {
    async fn new_instance_async<T: Data + Send>(
        context: Self::StoreContextMut<'_, T>,
        module: &wasmtime::Module,
        imports: &[Extern<V>],
    ) -> Result<wasmtime::Instance> {
        error::same_engine(context.engine(), module.engine(), "module")?;
        let imports = externs::all_into_major(imports);
        wasmtime::Instance::new_async(context, module, &imports).await.map_err(error::linked_module)
    }
}

impl AsyncFuncs for V {
    async fn call_func_async<T: Data + Send>(
        func: &wasmtime::Func,
        mut context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        params: &[Val<V>],
        results: &mut [Val<V>],
    ) -> Result<()> {
        let mut scope = roots::scope(&mut context);
        // In vectors: what is in the future makes the future larger.
        let empty = || wasmtime::Val::I32(0);
        let mut arguments: Vec<_> = params.iter().map(|_| empty()).collect();
        let mut returned: Vec<_> = results.iter().map(|_| empty()).collect();
        value::all_into_major(params, &mut arguments, scope.as_context_mut())?;
        if let Err(raw) = func.call_async(&mut scope, &arguments, &mut returned).await {
            return Err(func::why(raw, &types::func_type(&func.ty(&scope)), params, results.len()));
        }
        value::all_from_major(&returned, results, scope.as_context_mut(), store)
    }

    async fn call_async<T: Data + Send, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> Result<R> {
        let results = func.call_async(context, <P as Params>::into_major(params)).await;
        results.map(<R as Results>::from_major).map_err(error::call)
    }
}

impl AsyncExternRefs for V {
    async fn new_extern_ref_async<T: Data + Send, R: Any + Send + Sync>(
        mut context: Self::StoreContextMut<'_, T>,
        value: R,
    ) -> Result<references::ExternRoot> {
        let mut scope = roots::scope(&mut context);
        let raw = async_references::new(&mut scope, value).await.map_err(extern_ref::not_created)?;
        references::keep(raw, scope.as_context_mut()).map_err(extern_ref::not_created)
    }

    async fn collect_garbage_async<T: Data + Send>(mut context: Self::StoreContextMut<'_, T>) -> Result<()> {
        roots::give_back(&mut context);
        async_references::collect(context).await.map_err(extern_ref::not_collected)
    }
}

/// A new reference on an async engine, without waiting: many majors have no other way there.
pub(in super::super) fn new_reference_now<R: Any + Send + Sync>(
    context: impl wasmtime::AsContextMut,
    value: R,
) -> Result<references::NewExternRef> {
    // As often as collecting the garbage of a large store makes way for others.
    const ATTEMPTS: usize = 1 << 16;
    let mut future = pin!(async_references::new(context, value));
    for _ in 0..ATTEMPTS {
        if let Poll::Ready(created) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return created.map_err(extern_ref::not_created);
        }
    }
    Err(Error::new(ErrorKind::SyncAsyncMismatch, "the limiter of the store has to be waited for")
        .with_hint("create the reference with ExternRef::new_async"))
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

impl AsyncTables for V {
    async fn new_table_async<T: Data + Send>(
        mut context: Self::StoreContextMut<'_, T>,
        ty: &TableType,
        init: Val<V>,
    ) -> Result<wasmtime::Table> {
        let mut scope = roots::scope(&mut context);
        let (ty, init) = table::parts(ty, &init, scope.as_context_mut())?;
        wasmtime::Table::new_async(&mut scope, ty, init).await.map_err(table::not_created)
    }

    async fn table_grow_async<T: Data + Send>(
        table: &wasmtime::Table,
        mut context: Self::StoreContextMut<'_, T>,
        delta: u64,
        init: Val<V>,
    ) -> Result<u64> {
        let mut scope = roots::scope(&mut context);
        let (delta, init) = (table::grown_by(delta)?, table::element(&init, scope.as_context_mut())?);
        table.grow_async(&mut scope, delta, init).await.map(table::wide).map_err(table::not_grown)
    }
}

impl AsyncDefinitions for V {
    fn new_func_async<T, F>(context: Self::StoreContextMut<'_, T>, ty: &FuncType, func: F) -> Result<wasmtime::Func>
    where
        T: Data + Send,
        F: AsyncDynamicFunc<V, T>,
    {
        let ty = types::func_type_in_major(context.engine(), ty)?;
        Ok(wasmtime::Func::new_async(context, ty, definitions::asynchronous(func)))
    }

    fn wrap_func_async<T, P, R, F>(context: Self::StoreContextMut<'_, T>, func: F) -> wasmtime::Func
    where
        T: Data + Send,
        P: HostParams,
        R: HostResults,
        F: AsyncHostFunc<Self, T, P, R>,
    {
        type InMajor<P> = <P as super::HostParams>::InMajor;
        <InMajor<P> as host_async::AsyncParams>::into_func(context, move |caller, params| {
            func.call(caller, <P as super::HostParams>::from_major(params))
        })
    }

    fn link_func_async<T, F>(
        linker: &mut Self::Linker<T>,
        module: &str,
        name: &str,
        ty: &FuncType,
        func: F,
    ) -> Result<()>
    where
        T: Data + Send,
        F: AsyncDynamicFunc<V, T>,
    {
        let ty = types::func_type_in_major(linker.engine(), ty)?;
        let added = linker.func_new_async(module, name, ty, definitions::asynchronous(func));
        added.map(drop).map_err(definitions::not_defined)
    }
}
