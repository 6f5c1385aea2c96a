//! Host functions on values, and the names in linkers.

use std::sync::Arc;

use super::{StoreData, V, callers, error, externs, host_error, tags, types, value, wasmtime};
use crate::backend::Definitions;
use crate::bounds::Data;
use crate::core::{AsyncDynamicFunc, expect_in};
use crate::error::{Error, ErrorKind, Result};
use crate::store::StoreId;
use crate::{Extern, FuncType, HostParams, HostResults, Val};
use wasmtime::{AsContextMut as _, StoreContextMut};

impl Definitions for V {
    fn new_func<T, F>(context: Self::StoreContextMut<'_, T>, ty: &FuncType, func: F) -> Result<wasmtime::Func>
    where
        T: Data,
        F: Fn(Self::Caller<'_, T>, &[Val<V>], &mut [Val<V>]) -> anyhow::Result<()> + Send + Sync + 'static,
    {
        let ty = types::func_type_in_major(context.engine(), ty)?;
        Ok(wasmtime::Func::new(context, ty, synchronous(func)))
    }

    fn wrap_func<T, P, R, F>(context: Self::StoreContextMut<'_, T>, func: F) -> wasmtime::Func
    where
        T: Data,
        P: HostParams,
        R: HostResults,
        F: Fn(Self::Caller<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static,
    {
        <P as super::HostParams>::into_func(context, func)
    }

    fn link_func<T, F>(linker: &mut Self::Linker<T>, module: &str, name: &str, ty: &FuncType, func: F) -> Result<()>
    where
        T: Data,
        F: Fn(Self::Caller<'_, T>, &[Val<V>], &mut [Val<V>]) -> anyhow::Result<()> + Send + Sync + 'static,
    {
        let ty = types::func_type_in_major(linker.engine(), ty)?;
        linker.func_new(module, name, ty, synchronous(func)).map(drop).map_err(not_defined)
    }

    fn define<T: Data>(
        linker: &mut Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        module: &str,
        name: &str,
        item: Extern<V>,
    ) -> Result<()> {
        error::same_engine(linker.engine(), context.engine(), "object")?;
        linker.define(context, module, name, externs::into_major(item)).map(drop).map_err(not_defined)
    }

    fn defined<T: Data>(
        linker: &Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        module: &str,
        name: &str,
    ) -> Option<Extern<V>> {
        error::same_engine(linker.engine(), context.engine(), "linker").ok()?;
        // An option up to 43, a result from 44 on.
        linker.get(context, module, name).into_iter().next().map(|raw| tags::externs(raw, store))
    }

    fn default_func<T: Data>(
        linker: &Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        module: &str,
    ) -> Result<wasmtime::Func> {
        error::same_engine(linker.engine(), context.engine(), "linker")?;
        linker.get_default(context, module).map_err(|raw| error::classify(raw, ErrorKind::Link, "no default function"))
    }

    fn all_defined<'a, T: Data>(
        linker: &'a Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
    ) -> Vec<(&'a str, &'a str, Extern<V>)> {
        if error::same_engine(linker.engine(), context.engine(), "linker").is_err() {
            return Vec::new();
        }
        linker.iter(context).map(|(module, name, raw)| (module, name, tags::externs(raw, store))).collect()
    }
}

/// A function on this major's values.
fn synchronous<T, F>(
    func: F,
) -> impl Fn(wasmtime::Caller<'_, StoreData<T>>, &[wasmtime::Val], &mut [wasmtime::Val]) -> wasmtime::Result<()>
where
    T: Data,
    F: Fn(wasmtime::Caller<'_, StoreData<T>>, &[Val<V>], &mut [Val<V>]) -> anyhow::Result<()> + Send + Sync + 'static,
{
    move |mut caller, params, results| {
        let store = caller.data().ambient().id;
        value::room!(given, params.len(), Val::FuncRef(None));
        value::room!(returned, results.len(), Val::FuncRef(None));
        value::all_from_major(params, given, caller.as_context_mut(), store).map_err(host_fault)?;
        func(callers::reborrow(&mut caller), given, returned).map_err(host_error)?;
        give_back(returned, results, caller.as_context_mut(), store)
    }
}

type ValuesFuture<'a> = Box<dyn Future<Output = wasmtime::Result<()>> + Send + 'a>;

/// An asynchronous function on this major's values.
pub(in super::super::super) fn asynchronous<T, F>(
    func: F,
) -> impl for<'a> Fn(wasmtime::Caller<'a, StoreData<T>>, &'a [wasmtime::Val], &'a mut [wasmtime::Val]) -> ValuesFuture<'a>
where
    T: Data + Send,
    F: AsyncDynamicFunc<V, T>,
{
    let func = Arc::new(func);
    move |mut caller, params, results| {
        let func = Arc::clone(&func);
        Box::new(async move {
            let store = caller.data().ambient().id;
            let (mut given, mut returned) =
                (vec![Val::FuncRef(None); params.len()], vec![Val::FuncRef(None); results.len()]);
            value::all_from_major(params, &mut given, caller.as_context_mut(), store).map_err(host_fault)?;
            let future = func.call(callers::reborrow(&mut caller), &given, &mut returned);
            Box::into_pin(future).await.map_err(host_error)?;
            give_back(&returned, results, caller.as_context_mut(), store)
        })
    }
}

fn give_back<T: Data>(
    returned: &[Val<V>],
    results: &mut [wasmtime::Val],
    context: StoreContextMut<'_, StoreData<T>>,
    store: StoreId,
) -> wasmtime::Result<()> {
    expect_in(store, returned).map_err(host_fault)?;
    value::all_into_major(returned, results, context).map_err(host_fault)
}

#[cold]
fn host_fault(error: Error) -> wasmtime::Error {
    host_error(anyhow::Error::new(error))
}

#[cold]
pub(in super::super::super) fn not_defined(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::Link, "cannot add a definition")
}
