//! Owns the host functions of components in terms of a major's own contexts, and those that wait for a component.

use super::{ComponentLinkers, Val, types};
use crate::HostFuture;
use crate::bounds::Data;
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

/// A dynamic host function that a major can link only for a component, whose types it takes.
#[doc(hidden)]
pub struct Late<W: ComponentLinkers, T: Data> {
    /// The names of the instances around it, the outermost first.
    pub(crate) path: Vec<String>,
    pub(crate) name: String,
    pub(crate) func: W::DynamicHost<T>,
}

impl<W: ComponentLinkers, T: Data> Clone for Late<W, T> {
    fn clone(&self) -> Self {
        Self { path: self.path.clone(), name: self.name.clone(), func: self.func.clone() }
    }
}
