//! Asynchronous host functions, 22 and later: parameters come as one tuple.

use super::wasmtime::{Caller, Func, Linker, Result, StoreContextMut, WasmTyList};
use super::whole::{HostResults, StoreData, host_error};
use crate::HostFuture;
use crate::bounds::Data;

/// Parameters of asynchronous host functions, as this major has them.
pub trait AsyncParams: Sized {
    #[doc(hidden)]
    fn wrap_async<T, R, F>(linker: &mut Linker<StoreData<T>>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Data + Send,
        R: HostResults + 'static,
        F: for<'a> Fn(Caller<'a, StoreData<T>>, Self) -> HostFuture<'a, R> + Send + Sync + 'static;
    #[doc(hidden)]
    fn into_func<T, R, F>(context: StoreContextMut<'_, StoreData<T>>, func: F) -> Func
    where
        T: Data + Send,
        R: HostResults + 'static,
        F: for<'a> Fn(Caller<'a, StoreData<T>>, Self) -> HostFuture<'a, R> + Send + Sync + 'static;
}

impl<P: WasmTyList + Send + 'static> AsyncParams for P {
    fn wrap_async<T, R, F>(linker: &mut Linker<StoreData<T>>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Data + Send,
        R: HostResults + 'static,
        F: for<'a> Fn(Caller<'a, StoreData<T>>, Self) -> HostFuture<'a, R> + Send + Sync + 'static,
    {
        linker.func_wrap_async(module, name, move |caller: Caller<'_, StoreData<T>>, params: P| {
            let future = Box::into_pin(func(caller, params));
            Box::new(async move { future.await.map(R::into_major).map_err(host_error) })
        })?;
        Ok(())
    }

    fn into_func<T, R, F>(context: StoreContextMut<'_, StoreData<T>>, func: F) -> Func
    where
        T: Data + Send,
        R: HostResults + 'static,
        F: for<'a> Fn(Caller<'a, StoreData<T>>, Self) -> HostFuture<'a, R> + Send + Sync + 'static,
    {
        Func::wrap_async(context, move |caller: Caller<'_, StoreData<T>>, params: P| {
            let future = Box::into_pin(func(caller, params));
            Box::new(async move { future.await.map(R::into_major).map_err(host_error) })
        })
    }
}
