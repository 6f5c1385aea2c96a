//! Owns the host functions of components in terms of a major's own contexts, and those that wait for a component.

use std::sync::Arc;

use super::{ComponentLinkerInstances, Val, types};
use crate::HostFuture;
use crate::bounds::Data;
use crate::error::Result;
use crate::store::{StoreContextMut, Stores};

/// An asynchronous host function, for the major to call.
#[doc(hidden)]
pub trait AsyncComponentFunc<W: Stores, T: Data, P, R>: Send + Sync + 'static {
    fn call<'a>(&self, context: W::StoreContextMut<'a, T>, params: P) -> HostFuture<'a, R>;
}

/// A host function on our [`StoreContextMut`].
pub(super) struct Wrapped<F>(pub(super) F);

impl<W, T, P, R, F> AsyncComponentFunc<W, T, P, R> for Wrapped<F>
where
    W: Stores,
    T: Data,
    F: for<'a> Fn(StoreContextMut<'a, W, T>, P) -> HostFuture<'a, R> + Send + Sync + 'static,
{
    fn call<'a>(&self, raw: W::StoreContextMut<'a, T>, params: P) -> HostFuture<'a, R> {
        (self.0)(StoreContextMut { raw }, params)
    }
}

/// A host function on values whose types are known when the program runs.
#[doc(hidden)]
pub trait DynamicHostFunc<W: Stores, T: Data>: Send + Sync + 'static {
    fn call(
        &self,
        context: W::StoreContextMut<'_, T>,
        ty: types::ComponentFunc,
        params: &[Val],
        results: &mut [Val],
    ) -> anyhow::Result<()>;
}

impl<W, T, F> DynamicHostFunc<W, T> for Wrapped<F>
where
    W: Stores,
    T: Data,
    F: Fn(StoreContextMut<'_, W, T>, types::ComponentFunc, &[Val], &mut [Val]) -> anyhow::Result<()>
        + Send
        + Sync
        + 'static,
{
    fn call(
        &self,
        raw: W::StoreContextMut<'_, T>,
        ty: types::ComponentFunc,
        params: &[Val],
        results: &mut [Val],
    ) -> anyhow::Result<()> {
        (self.0)(StoreContextMut { raw }, ty, params, results)
    }
}

/// An asynchronous host function on values whose types are known when the program runs.
#[doc(hidden)]
pub trait AsyncDynamicHostFunc<W: Stores, T: Data>: Send + Sync + 'static {
    fn call<'a>(
        &self,
        context: W::StoreContextMut<'a, T>,
        ty: types::ComponentFunc,
        params: &'a [Val],
        results: &'a mut [Val],
    ) -> HostFuture<'a, ()>;
}

impl<W, T, F> AsyncDynamicHostFunc<W, T> for Wrapped<F>
where
    W: Stores,
    T: Data,
    F: for<'a> Fn(StoreContextMut<'a, W, T>, types::ComponentFunc, &'a [Val], &'a mut [Val]) -> HostFuture<'a, ()>
        + Send
        + Sync
        + 'static,
{
    fn call<'a>(
        &self,
        raw: W::StoreContextMut<'a, T>,
        ty: types::ComponentFunc,
        params: &'a [Val],
        results: &'a mut [Val],
    ) -> HostFuture<'a, ()> {
        (self.0)(StoreContextMut { raw }, ty, params, results)
    }
}

impl<W, T, P, R, F> AsyncComponentFunc<W, T, P, R> for Arc<F>
where
    W: Stores,
    T: Data,
    F: AsyncComponentFunc<W, T, P, R>,
{
    fn call<'a>(&self, context: W::StoreContextMut<'a, T>, params: P) -> HostFuture<'a, R> {
        F::call(self, context, params)
    }
}

/// Something that was defined in a linker whose dynamic functions can be linked only for a component: then the instance around the
/// function is made anew, because Wasmtime does not add to one that is there.
#[doc(hidden)]
pub struct Definition<W: ComponentLinkerInstances, T: Data> {
    /// The names of the instances around it, the outermost first.
    pub(crate) path: Vec<String>,
    pub(crate) name: String,
    pub(crate) item: Item<W, T>,
}

/// How something is defined.
#[doc(hidden)]
pub enum Item<W: ComponentLinkerInstances, T: Data> {
    /// As it was, again.
    Again(Arc<Again<W, T>>),
    /// For a component, whose types the function takes.
    Late(W::DynamicHost<T>),
}

/// Defines something again, in another instance of a linker.
pub(crate) type Again<W, T> =
    dyn Fn(&mut <W as ComponentLinkerInstances>::ComponentLinkerInstance<'_, T>) -> Result<()> + Send + Sync;

impl<W: ComponentLinkerInstances, T: Data> Clone for Definition<W, T> {
    fn clone(&self) -> Self {
        let item = match &self.item {
            Item::Again(define) => Item::Again(Arc::clone(define)),
            Item::Late(func) => Item::Late(func.clone()),
        };
        Self { path: self.path.clone(), name: self.name.clone(), item }
    }
}
