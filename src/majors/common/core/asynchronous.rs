//! Asynchronous host functions, instantiation and calls of core modules.

use super::{Params, Results, V, error, host_async, wasmtime};
use crate::backend::{AsyncFuncs, AsyncInstances, AsyncLinkers};
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
