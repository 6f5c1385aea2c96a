//! Functions of core modules.

use super::{Params, Results, V, error, wasmtime};
use crate::backend::Funcs;
use crate::bounds::Data;
use crate::error::Result;
use crate::{WasmParams, WasmResults};

impl Funcs for V {
    type TypedFunc<P: WasmParams, R: WasmResults> =
        wasmtime::TypedFunc<<P as Params>::InMajor, <R as Results>::InMajor>;

    #[inline]
    fn call<T: Data, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> Result<R> {
        let results = func.call(context, <P as Params>::into_major(params));
        results.map(<R as Results>::from_major).map_err(error::call)
    }
}
