//! What this major demands of parameter and result types, and how it takes host functions.

use super::wasmtime::component::{ComponentNamedList, Lift as RawLift, Lower as RawLower};
use super::wasmtime::{Caller, Linker, Result, WasmRet, WasmTy};
use super::{StoreData, host_async, host_error, wasmtime};
use crate::bounds::Data;

/// Parameters of functions in this major.
pub trait Params: wasmtime::WasmParams {}
impl<T: wasmtime::WasmParams> Params for T {}

/// Results of functions in this major.
pub trait Results: wasmtime::WasmResults {}
impl<T: wasmtime::WasmResults> Results for T {}

/// What this major can pass into a component.
pub trait Lower: ComponentNamedList + RawLower {}
impl<T: ComponentNamedList + RawLower> Lower for T {}

/// What this major can take out of a component.
pub trait Lift: ComponentNamedList + RawLift {}
impl<T: ComponentNamedList + RawLift> Lift for T {}

/// Results of host functions in this major.
pub trait HostResults: WasmRet {}
impl<T: WasmRet> HostResults for T {}

/// Parameters of host functions in this major: tuples.
pub trait HostParams: host_async::AsyncParams {
    #[doc(hidden)]
    fn wrap<T, R, F>(linker: &mut Linker<StoreData<T>>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Data,
        R: WasmRet,
        F: Fn(Caller<'_, StoreData<T>>, Self) -> anyhow::Result<R> + Send + Sync + 'static;
}

macro_rules! impl_host_params {
    ($($param:ident)*) => {
        impl<$($param: WasmTy + Send + 'static),*> HostParams for ($($param,)*) {
            #[allow(non_snake_case, reason = "one name serves as type and as variable")]
            fn wrap<T, R, F>(linker: &mut Linker<StoreData<T>>, module: &str, name: &str, func: F) -> Result<()>
            where
                T: Data,
                R: WasmRet,
                F: Fn(Caller<'_, StoreData<T>>, Self) -> anyhow::Result<R> + Send + Sync + 'static,
            {
                linker.func_wrap(
                    module,
                    name,
                    move |caller: Caller<'_, StoreData<T>>, $($param: $param),*| -> Result<R> {
                        func(caller, ($($param,)*)).map_err(host_error)
                    },
                )?;
                Ok(())
            }
        }
    };
}

impl_host_params!();
impl_host_params!(A1);
impl_host_params!(A1 A2);
impl_host_params!(A1 A2 A3);
impl_host_params!(A1 A2 A3 A4);
impl_host_params!(A1 A2 A3 A4 A5);
impl_host_params!(A1 A2 A3 A4 A5 A6);
impl_host_params!(A1 A2 A3 A4 A5 A6 A7);
impl_host_params!(A1 A2 A3 A4 A5 A6 A7 A8);
impl_host_params!(A1 A2 A3 A4 A5 A6 A7 A8 A9);
impl_host_params!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
impl_host_params!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
impl_host_params!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
