//! Functions of components. Calls rely on types that were compared once.
#![expect(unsafe_code, reason = "Wasmtime leaves it to its caller not to repeat the comparison of types")]

use super::{V, error, wasmtime};
use crate::backend::ComponentFuncs;
use crate::bounds::Data;
use crate::component::CheckedFunc;
use crate::error::Result;
use crate::{ComponentLift, ComponentLower};

impl ComponentFuncs for V {
    type ComponentFunc<P: ComponentLower, R: ComponentLift> = wasmtime::component::TypedFunc<P, R>;
    type UntypedComponentFunc = wasmtime::component::Func;

    fn component_func_checked<P: ComponentLower, R: ComponentLift>(
        func: Self::ComponentFunc<P, R>,
    ) -> CheckedFunc<wasmtime::component::Func, P, R> {
        // SAFETY: the major has made the typed function, which it does after comparing the types.
        unsafe { CheckedFunc::new(*func.func()) }
    }

    #[inline]
    fn component_func_typed<P: ComponentLower, R: ComponentLift>(
        func: &CheckedFunc<wasmtime::component::Func, P, R>,
    ) -> Self::ComponentFunc<P, R> {
        // SAFETY: a function of this type was checked. Lifetimes in `P` may be shorter now; Wasmtime compares types
        // without lifetimes, and copies what is borrowed during the call.
        unsafe { wasmtime::component::TypedFunc::new_unchecked(*func.func()) }
    }

    #[allow(deprecated, reason = "`post_return` must be called up to 41 and does nothing from 42 on")]
    fn component_call<T: Data, P: ComponentLower, R: ComponentLift>(
        func: &Self::ComponentFunc<P, R>,
        mut context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> Result<R> {
        let results = func.call(&mut context, params).map_err(error::call)?;
        func.post_return(&mut context).map_err(error::call)?;
        Ok(results)
    }
}
