//! Asynchronous host functions, 18 to 21: a linker function per arity.

use super::wasmtime::{Caller, Func, Linker, Result, StoreContextMut, WasmTy};
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

macro_rules! impl_async_params {
    ($wrap:ident $into:ident $($param:ident)*) => {
        impl<$($param: WasmTy + Send + 'static),*> AsyncParams for ($($param,)*) {
            #[allow(non_snake_case, reason = "one name serves as type and variable")]
            fn wrap_async<T, R, F>(linker: &mut Linker<StoreData<T>>, module: &str, name: &str, func: F) -> Result<()>
            where
                T: Data + Send,
                R: HostResults + 'static,
                F: for<'a> Fn(Caller<'a, StoreData<T>>, Self) -> HostFuture<'a, R> + Send + Sync + 'static,
            {
                linker.$wrap(module, name, move |caller: Caller<'_, StoreData<T>>, $($param: $param),*| {
                    let future = Box::into_pin(func(caller, ($($param,)*)));
                    Box::new(async move { future.await.map(R::into_major).map_err(host_error) })
                })?;
                Ok(())
            }

            #[allow(non_snake_case, reason = "one name serves as type and variable")]
            fn into_func<T, R, F>(context: StoreContextMut<'_, StoreData<T>>, func: F) -> Func
            where
                T: Data + Send,
                R: HostResults + 'static,
                F: for<'a> Fn(Caller<'a, StoreData<T>>, Self) -> HostFuture<'a, R> + Send + Sync + 'static,
            {
                Func::$into(context, move |caller: Caller<'_, StoreData<T>>, $($param: $param),*| {
                    let future = Box::into_pin(func(caller, ($($param,)*)));
                    Box::new(async move { future.await.map(R::into_major).map_err(host_error) })
                })
            }
        }
    };
}

impl_async_params!(func_wrap0_async wrap0_async);
impl_async_params!(func_wrap1_async wrap1_async A1);
impl_async_params!(func_wrap2_async wrap2_async A1 A2);
impl_async_params!(func_wrap3_async wrap3_async A1 A2 A3);
impl_async_params!(func_wrap4_async wrap4_async A1 A2 A3 A4);
impl_async_params!(func_wrap5_async wrap5_async A1 A2 A3 A4 A5);
impl_async_params!(func_wrap6_async wrap6_async A1 A2 A3 A4 A5 A6);
impl_async_params!(func_wrap7_async wrap7_async A1 A2 A3 A4 A5 A6 A7);
impl_async_params!(func_wrap8_async wrap8_async A1 A2 A3 A4 A5 A6 A7 A8);
impl_async_params!(func_wrap9_async wrap9_async A1 A2 A3 A4 A5 A6 A7 A8 A9);
impl_async_params!(func_wrap10_async wrap10_async A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
impl_async_params!(func_wrap11_async wrap11_async A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
impl_async_params!(func_wrap12_async wrap12_async A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
impl_async_params!(func_wrap13_async wrap13_async A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
impl_async_params!(func_wrap14_async wrap14_async A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14);
impl_async_params!(func_wrap15_async wrap15_async A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);
impl_async_params!(func_wrap16_async wrap16_async A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16);
