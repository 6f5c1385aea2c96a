//! Dynamic host functions of components: on values of this major outside, on ours inside.

use std::sync::Arc;

use super::wasmtime::component::{Type, Val as RawVal, types::ComponentFunc as RawType};
use super::{StoreData, V, host_error, types, val, wasmtime};
use crate::bounds::Data;
use crate::component::types::ComponentFunc;
use crate::component::{AsyncDynamicHostFunc, DynamicHostFunc, Val};
use crate::error::Error;

type Context<'a, T> = wasmtime::StoreContextMut<'a, StoreData<T>>;

type SyncFunc<T> = dyn Fn(Context<'_, T>, &Signature, &[RawVal], &mut [RawVal]) -> wasmtime::Result<()> + Send + Sync;

type AsyncFunc<T> = dyn for<'a> Fn(
        Context<'a, T>,
        Signature,
        &'a [RawVal],
        &'a mut [RawVal],
    ) -> Box<dyn Future<Output = wasmtime::Result<()>> + Send + 'a>
    + Send
    + Sync;

/// A dynamic host function on values of this major.
pub enum RawDynamic<T: Data> {
    Sync(Arc<SyncFunc<T>>),
    Async(Arc<AsyncFunc<T>>),
}

impl<T: Data> Clone for RawDynamic<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Sync(func) => Self::Sync(Arc::clone(func)),
            Self::Async(func) => Self::Async(Arc::clone(func)),
        }
    }
}

/// The type of a host function: ours, and what this major's results must be.
#[derive(Clone)]
pub struct Signature {
    ty: ComponentFunc,
    results: Arc<[Type]>,
}

impl Signature {
    pub(in super::super::super) fn new(raw: &RawType) -> Self {
        Self { ty: types::component_func(raw), results: raw.results().collect() }
    }
}

/// A synchronous host function.
pub(super) fn synchronous<T: Data>(func: impl DynamicHostFunc<V, T>) -> RawDynamic<T> {
    let call = move |context: Context<'_, T>, signature: &Signature, raw: &[RawVal], raw_results: &mut [RawVal]| {
        let (params, mut results) = arguments(raw, raw_results.len()).map_err(of_host)?;
        func.call(context, signature.ty.clone(), &params, &mut results).map_err(host_error)?;
        give(&results, &signature.results, raw_results)
    };
    RawDynamic::Sync(Arc::new(call))
}

/// An asynchronous host function.
pub(super) fn asynchronous<T: Data + Send>(func: impl AsyncDynamicHostFunc<V, T>) -> RawDynamic<T> {
    let func = Arc::new(func);
    later(move |context, signature, raw, raw_results| {
        let func = Arc::clone(&func);
        Box::new(async move {
            let (params, mut results) = arguments(raw, raw_results.len()).map_err(of_host)?;
            let future = func.call(context, signature.ty.clone(), &params, &mut results);
            Box::into_pin(future).await.map_err(host_error)?;
            give(&results, &signature.results, raw_results)
        })
    })
}

/// The closure as it is: the bound makes the compiler give it lifetimes that fit.
fn later<T, F>(call: F) -> RawDynamic<T>
where
    T: Data,
    F: for<'a> Fn(
            Context<'a, T>,
            Signature,
            &'a [RawVal],
            &'a mut [RawVal],
        ) -> Box<dyn Future<Output = wasmtime::Result<()>> + Send + 'a>
        + Send
        + Sync
        + 'static,
{
    RawDynamic::Async(Arc::new(call))
}

#[cold]
fn of_host(error: Error) -> wasmtime::Error {
    host_error(error.into())
}

/// The parameters of a call, and room for the results.
fn arguments(raw: &[RawVal], results: usize) -> Result<(Vec<Val>, Vec<Val>), Error> {
    let params: Result<_, _> =
        raw.iter().enumerate().map(|(index, raw)| val::from_major(raw, "param", index)).collect();
    Ok((params?, vec![Val::Bool(false); results]))
}

/// Passes results on to the guest.
fn give(results: &[Val], types: &[Type], into: &mut [RawVal]) -> wasmtime::Result<()> {
    let results = val::all_into_major(results, types.iter(), "result").map_err(of_host)?;
    for (result, into) in results.into_iter().zip(into) {
        *into = result;
    }
    Ok(())
}
