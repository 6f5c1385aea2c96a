//! Asynchronous instantiation and calls of components.

use super::{V, error, wasmtime};
use crate::backend::{AsyncComponentFuncs, AsyncComponentInstances};
use crate::bounds::Data;
use crate::error::Result;
use crate::{ComponentLift, ComponentLower};

impl AsyncComponentInstances for V {
    async fn component_instantiate_async<T: Data + Send>(
        pre: &Self::ComponentInstancePre<T>,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<wasmtime::component::Instance> {
        pre.instantiate_async(context).await.map_err(error::call)
    }
}

impl AsyncComponentFuncs for V {
    #[allow(deprecated, reason = "`post_return_async` must be called up to 41 and does nothing from 42 on")]
    async fn component_call_async<T: Data + Send, P: ComponentLower, R: ComponentLift>(
        func: &Self::ComponentFunc<P, R>,
        mut context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> Result<R> {
        let results = func.call_async(&mut context, params).await.map_err(error::call)?;
        func.post_return_async(&mut context).await.map_err(error::call)?;
        Ok(results)
    }
}
