//! Owns `TypedFunc`: functions of components whose type is known at compile time.

use crate::bounds::Data;
use crate::error::Result;
use crate::handle::handle;
use crate::store::{AsContextMut, Stores};
use crate::wasmtime::Wasmtime;
use crate::{ComponentLift, ComponentLower};

/// A function exported by a component, with parameters `P` and results `R`, both tuples.
pub struct TypedFunc<W: Wasmtime, P: ComponentLower, R: ComponentLift> {
    raw: W::ComponentFunc<P, R>,
}

impl<W: Wasmtime, P: ComponentLower, R: ComponentLift> TypedFunc<W, P, R> {
    /// Calls the function, and does what the major wants done afterwards (`post_return` up to 41).
    ///
    /// # Errors
    /// As [`TypedFunc::call`](crate::TypedFunc::call) of core modules.
    pub fn call(&self, mut store: impl AsContextMut<W>, params: P) -> Result<R> {
        let context = store.as_context_mut();
        context.ambient().mode.check_sync()?;
        W::component_call(&self.raw, context.raw, params)
    }

    /// As [`TypedFunc::call`], on an async engine.
    ///
    /// # Errors
    /// As [`TypedFunc::call_async`](crate::TypedFunc::call_async) of core modules.
    pub fn call_async(
        &self,
        mut store: impl AsContextMut<W, Data: Send> + Send,
        params: P,
    ) -> impl Future<Output = Result<R>> + Send {
        async move {
            let context = store.as_context_mut();
            context.ambient().mode.check_async()?;
            W::component_call_async(&self.raw, context.raw, params).await
        }
    }
}

handle! { [W: Wasmtime, P: ComponentLower, R: ComponentLift] TypedFunc[W, P, R] is W::ComponentFunc<P, R>, Clone }

/// Functions of components of a major.
pub trait ComponentFuncs: Stores {
    /// `wasmtime::component::TypedFunc<P, R>`.
    type ComponentFunc<P: ComponentLower, R: ComponentLift>: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn component_call<T: Data, P: ComponentLower, R: ComponentLift>(
        func: &Self::ComponentFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> Result<R>;
}

/// Asynchronous calls of functions of components of a major.
pub trait AsyncComponentFuncs: ComponentFuncs {
    #[doc(hidden)]
    fn component_call_async<T: Data + Send, P: ComponentLower, R: ComponentLift>(
        func: &Self::ComponentFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> impl Future<Output = Result<R>> + Send;
}
