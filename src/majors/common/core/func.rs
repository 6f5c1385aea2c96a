//! Functions of core modules.

use super::{V, error, wasmtime};
use crate::backend::Funcs;
use crate::bounds::Data;
use crate::error::Result;
use crate::{WasmParams, WasmResults};

impl Funcs for V {
    type TypedFunc<P: WasmParams, R: WasmResults> = wasmtime::TypedFunc<P, R>;

    #[inline]
    fn call<T: Data, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> Result<R> {
        func.call(context, params).map_err(error::call)
    }
}
