//! Owns `TypedFunc`: exported functions whose type is known at compile time.

use std::fmt;

use crate::error::Result;
use crate::neutral::{WasmParams, WasmResults};
use crate::store::AsContextMut;
use crate::wasmtime::Wasmtime;

/// A function exported by a core instance, with parameters `P` and results `R`.
pub struct TypedFunc<W: Wasmtime, P: WasmParams, R: WasmResults> {
    raw: W::TypedFunc<P, R>,
}

impl<W: Wasmtime, P: WasmParams, R: WasmResults> TypedFunc<W, P, R> {
    /// Calls it, at the cost of the major's own call.
    ///
    /// # Errors
    /// [`ErrorKind::Trap`](crate::ErrorKind::Trap), [`ErrorKind::Exit`](crate::ErrorKind::Exit) (also for code 0),
    /// [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut), [`ErrorKind::Host`](crate::ErrorKind::Host) when a host
    /// function failed, [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on an async engine, and
    /// [`ErrorKind::BlockingInAsync`](crate::ErrorKind::BlockingInAsync) for a store with WASI inside an async task.
    #[inline]
    pub fn call(&self, mut store: impl AsContextMut<W>, params: P) -> Result<R> {
        let context = store.as_context_mut();
        context.check_sync()?;
        W::call(&self.raw, context.raw, params)
    }

    /// As [`TypedFunc::call`], on an async engine.
    ///
    /// # Errors
    /// As [`TypedFunc::call`], but [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a
    /// synchronous engine.
    pub fn call_async(
        &self,
        mut store: impl AsContextMut<W> + Send,
        params: P,
    ) -> impl Future<Output = Result<R>> + Send {
        async move {
            let context = store.as_context_mut();
            context.check_async()?;
            W::call_async(&self.raw, context.raw, params).await
        }
    }

    /// Wraps a function got from the major itself.
    pub fn from_raw(raw: W::TypedFunc<P, R>) -> Self {
        Self { raw }
    }

    /// The major's own function.
    pub fn as_raw(&self) -> &W::TypedFunc<P, R> {
        &self.raw
    }
}

impl<W: Wasmtime, P: WasmParams, R: WasmResults> Clone for TypedFunc<W, P, R> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone() }
    }
}

impl<W: Wasmtime, P: WasmParams, R: WasmResults> fmt::Debug for TypedFunc<W, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedFunc").field("major", &W::MAJOR).finish_non_exhaustive()
    }
}
