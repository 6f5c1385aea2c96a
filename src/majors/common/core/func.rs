//! Functions of core modules.

use super::{Params, Results, V, error, types, value, wasmtime};
use crate::backend::Funcs;
use crate::bounds::Data;
use crate::core::fit;
use crate::error::{Error, ErrorKind, Result};
use crate::store::StoreId;
use crate::{FuncType, Val, WasmParams, WasmResults};

impl Funcs for V {
    type Func = wasmtime::Func;
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

    fn call_func<T: Data>(
        func: &wasmtime::Func,
        mut context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        params: &[Val<V>],
        results: &mut [Val<V>],
    ) -> Result<()> {
        let (arguments, mut returned) = value::room(params, results.len());
        if let Err(raw) = func.call(&mut context, &arguments, &mut returned) {
            return Err(why(raw, &types::func_type(&func.ty(&context)), params, results.len()));
        }
        value::put(store, &returned, results)
    }

    fn func_type<T: Data>(func: &wasmtime::Func, context: Self::StoreContext<'_, T>) -> FuncType {
        types::func_type(&func.ty(context))
    }

    fn typed_func<T: Data, P: WasmParams, R: WasmResults>(
        func: &wasmtime::Func,
        context: Self::StoreContext<'_, T>,
    ) -> Result<Self::TypedFunc<P, R>> {
        func.typed(context).map_err(|raw| error::classify(raw, ErrorKind::Export, "cannot use the function"))
    }
}

/// Why a call ended: the values did not fit, or whatever happened in it.
#[cold]
pub(in super::super::super) fn why(raw: wasmtime::Error, ty: &FuncType, params: &[Val<V>], results: usize) -> Error {
    if fit(params, ty.params()) && results == ty.results().len() {
        return error::call(raw);
    }
    let text = format!("the values and the number of results do not match the type `{ty}`: {}", raw.root_cause());
    Error::new(ErrorKind::InvalidArgument, text).with_report(raw)
}
