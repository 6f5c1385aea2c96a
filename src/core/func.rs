//! Owns `TypedFunc`: exported functions whose type is known at compile time.

use crate::bounds::Data;
use crate::error::Result;
use crate::handle::handle;
use crate::store::{AsContextMut, Stores};
use crate::{WasmParams, WasmResults};

/// A function exported by a core instance, with parameters `P` and results `R`.
pub struct TypedFunc<W: Funcs, P: WasmParams, R: WasmResults> {
    raw: W::TypedFunc<P, R>,
}

impl<W: Funcs, P: WasmParams, R: WasmResults> TypedFunc<W, P, R> {
    /// Calls the function, at the cost of the major's own call.
    ///
    /// # Errors
    /// [`ErrorKind::Trap`](crate::ErrorKind::Trap), [`ErrorKind::Exit`](crate::ErrorKind::Exit) (also for code 0),
    /// [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut), [`ErrorKind::Host`](crate::ErrorKind::Host) when a host
    /// function failed, [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on an async engine, and
    /// [`ErrorKind::BlockingInAsync`](crate::ErrorKind::BlockingInAsync) for a store with WASI inside an async task.
    #[inline]
    pub fn call(&self, mut store: impl AsContextMut<W>, params: P) -> Result<R> {
        let context = store.as_context_mut();
        context.ambient().mode.check_sync()?;
        W::call(&self.raw, context.raw, params)
    }
}

impl<W: AsyncFuncs, P: WasmParams, R: WasmResults> TypedFunc<W, P, R> {
    /// As [`TypedFunc::call`], on an async engine.
    ///
    /// # Errors
    /// As [`TypedFunc::call`], but [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a
    /// synchronous engine.
    pub fn call_async(
        &self,
        mut store: impl AsContextMut<W, Data: Send> + Send,
        params: P,
    ) -> impl Future<Output = Result<R>> + Send {
        async move {
            let context = store.as_context_mut();
            context.ambient().mode.check_async()?;
            W::call_async(&self.raw, context.raw, params).await
        }
    }
}

handle! { [W: Funcs, P: WasmParams, R: WasmResults] TypedFunc[W, P, R] is W::TypedFunc<P, R>, Clone }

/// Functions of a major.
pub trait Funcs: Stores {
    /// `wasmtime::TypedFunc<P, R>`, with the major's own `V128` for [`V128`](crate::V128).
    type TypedFunc<P: WasmParams, R: WasmResults>: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn call<T: Data, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> Result<R>;
}

/// Asynchronous calls of functions of a major.
pub trait AsyncFuncs: Funcs {
    #[doc(hidden)]
    fn call_async<T: Data + Send, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> impl Future<Output = Result<R>> + Send;
}
