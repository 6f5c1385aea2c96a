//! Functions of core modules.

use super::{Params, Results, V, error, roots, types, value, wasmtime};
use crate::backend::Funcs;
use crate::bounds::Data;
use crate::core::fit;
use crate::error::{Error, ErrorKind, Result};
use crate::store::StoreId;
use crate::{FuncType, Val, WasmParams, WasmResults};
use wasmtime::AsContextMut as _;

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
        let mut scope = roots::scope(&mut context);
        value::room!(arguments, params.len(), wasmtime::Val::I32(0));
        value::room!(returned, results.len(), wasmtime::Val::I32(0));
        value::all_into_major(params, arguments, scope.as_context_mut())?;
        if let Err(raw) = func.call(&mut scope, arguments, returned) {
            return Err(why(raw, &types::func_type(&func.ty(&scope)), params, results.len()));
        }
        value::all_from_major(returned, results, scope.as_context_mut(), store)
    }

    fn func_type<T: Data>(func: &wasmtime::Func, context: Self::StoreContext<'_, T>) -> FuncType {
        types::func_type(&func.ty(context))
    }

    fn typed_func<T: Data, P: WasmParams, R: WasmResults>(
        func: &wasmtime::Func,
        context: Self::StoreContext<'_, T>,
    ) -> Result<Self::TypedFunc<P, R>> {
        func.typed(context).map_err(|raw| error::classify(raw, ErrorKind::TypeMismatch, "cannot use the function"))
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
