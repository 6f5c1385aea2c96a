//! Functions of components.

use super::{V, error, wasmtime};
use crate::backend::ComponentFuncs;
use crate::bounds::Data;
use crate::error::Result;
use crate::{ComponentLift, ComponentLower};

impl ComponentFuncs for V {
    type ComponentFunc<P: ComponentLower, R: ComponentLift> = wasmtime::component::TypedFunc<P, R>;

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
