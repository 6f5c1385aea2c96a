//! Functions of components, called with values whose types are known when the program runs.

use super::wasmtime::component::{Func, Type, Val as RawVal};
use super::{V, error, func_parts, types, val};
use crate::backend::DynamicFuncs;
use crate::bounds::Data;
use crate::component::Val;
use crate::component::types::ComponentFunc;
use crate::error::Result;
use crate::{ComponentLift, ComponentLower};

/// The parameters in this major, and room for the results.
fn prepare(
    (types, results): &(Vec<(Box<str>, Type)>, Vec<Type>),
    params: &[Val],
    room: usize,
) -> Result<(Vec<RawVal>, Vec<RawVal>)> {
    if results.len() != room {
        return Err(val::wrong_number(room, results.len(), "result"));
    }
    let params = val::all_into_major(params, types.iter().map(|(_, ty)| ty), "param")?;
    Ok((params, vec![RawVal::Bool(false); room]))
}

impl DynamicFuncs for V {
    #[allow(deprecated, reason = "`post_return` must be called up to 41 and does nothing from 42 on")]
    fn dynamic_call<T: Data>(
        func: &Func,
        mut context: Self::StoreContextMut<'_, T>,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        let (params, mut returned) = prepare(&func_parts::of(func, &context), params, results.len())?;
        func.call(&mut context, &params, &mut returned).map_err(error::call)?;
        let converted = val::all_from_major(&returned, results, "result");
        func.post_return(&mut context).map_err(error::call)?;
        converted
    }

    #[allow(deprecated, reason = "`post_return_async` must be called up to 41 and does nothing from 42 on")]
    async fn dynamic_call_async<T: Data + Send>(
        func: &Func,
        mut context: Self::StoreContextMut<'_, T>,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<()> {
        let (params, mut returned) = prepare(&func_parts::of(func, &context), params, results.len())?;
        func.call_async(&mut context, &params, &mut returned).await.map_err(error::call)?;
        let converted = val::all_from_major(&returned, results, "result");
        func.post_return_async(&mut context).await.map_err(error::call)?;
        converted
    }

    fn dynamic_type<T: Data>(func: &Func, context: Self::StoreContext<'_, T>) -> ComponentFunc {
        let (params, results) = func_parts::of(func, context);
        types::func_type(params, results)
    }

    fn dynamic_typed<T: Data, P: ComponentLower, R: ComponentLift>(
        func: &Func,
        context: Self::StoreContext<'_, T>,
    ) -> Result<Self::ComponentFunc<P, R>> {
        func.typed(context).map_err(|raw| error::other_type(raw, "function"))
    }
}
