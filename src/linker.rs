//! Owns `Linker` and `InstancePre`: what core modules import, and modules whose imports are settled.

use std::fmt;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::instance::Instance;
use crate::module::Module;
use crate::neutral::{HostParams, HostResults};
use crate::store::{AsContextMut, Caller};
use crate::wasmtime::{AsyncHostFunc, HostFuture, Wasmtime};

/// Names and host functions that core modules can import.
pub struct Linker<W: Wasmtime, T: Send + 'static> {
    raw: W::Linker<T>,
    is_async: bool,
    raw_wasi: bool,
    has_wasi: bool,
}

/// A module whose imports are looked up and type-checked, so that instantiating it is fast.
pub struct InstancePre<W: Wasmtime, T: Send + 'static> {
    raw: W::InstancePre<T>,
    has_wasi: bool,
}

impl<W: Wasmtime, T: Send + 'static> Linker<W, T> {
    /// An empty linker.
    pub fn new(engine: &Engine<W>) -> Self {
        Self {
            raw: W::new_linker(engine.as_raw()),
            is_async: engine.is_async(),
            raw_wasi: engine.raw_wasi(),
            has_wasi: false,
        }
    }

    /// Adds `wasi_snapshot_preview1`, blocking or async as the engine is.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if one of its names is taken.
    pub fn add_wasi(&mut self) -> Result<()> {
        self.has_wasi = true;
        W::link_wasi(&mut self.raw, self.is_async, self.raw_wasi)
    }

    /// Adds a host function. Its parameters come as one tuple; what it returns as an error reaches the caller, who
    /// can downcast it (see [`Error::downcast_ref`]), on every major.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if the name is taken.
    pub fn func_wrap<P, R, F>(&mut self, module: &str, name: &str, func: F) -> Result<()>
    where
        P: HostParams,
        R: HostResults,
        F: Fn(Caller<'_, W, T>, P) -> anyhow::Result<R> + Send + Sync + 'static,
    {
        W::func_wrap(&mut self.raw, module, name, move |raw: W::Caller<'_, T>, params: P| func(Caller { raw }, params))
    }

    /// Adds an asynchronous host function.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine, [`ErrorKind::Link`] if the name is taken.
    pub fn func_wrap_async<P, R, F>(&mut self, module: &str, name: &str, func: F) -> Result<()>
    where
        P: HostParams,
        R: HostResults,
        F: for<'a> Fn(Caller<'a, W, T>, P) -> HostFuture<'a, R> + Send + Sync + 'static,
    {
        if !self.is_async {
            return Err(Error::new(ErrorKind::SyncAsyncMismatch, "asynchronous host function on a synchronous engine")
                .with_hint("create the engine with Config::async_support(true)"));
        }
        W::func_wrap_async(&mut self.raw, module, name, Wrapped(func))
    }

    /// Looks up and type-checks a module's imports.
    ///
    /// # Errors
    /// [`ErrorKind::Link`]; a missing import is in [`Error::missing_import`].
    pub fn instantiate_pre(&self, module: &Module<W>) -> Result<InstancePre<W, T>> {
        let raw = W::instantiate_pre(&self.raw, module.as_raw())?;
        Ok(InstancePre { raw, has_wasi: self.has_wasi })
    }

    /// Links and instantiates a module and runs its start function.
    ///
    /// # Errors
    /// As [`Linker::instantiate_pre`] and [`InstancePre::instantiate`].
    pub fn instantiate(&self, store: impl AsContextMut<W, Data = T>, module: &Module<W>) -> Result<Instance<W>> {
        self.instantiate_pre(module)?.instantiate(store)
    }

    /// As [`Linker::instantiate`], on an async engine.
    ///
    /// # Errors
    /// As [`Linker::instantiate_pre`] and [`InstancePre::instantiate_async`].
    pub fn instantiate_async(
        &self,
        store: impl AsContextMut<W, Data = T> + Send,
        module: &Module<W>,
    ) -> impl Future<Output = Result<Instance<W>>> + Send {
        async move { self.instantiate_pre(module)?.instantiate_async(store).await }
    }

    /// Wraps a linker made with the major itself; `engine` must be the one it was made with.
    pub fn from_raw(engine: &Engine<W>, raw: W::Linker<T>) -> Self {
        Self { raw, is_async: engine.is_async(), raw_wasi: engine.raw_wasi(), has_wasi: true }
    }

    /// The major's own linker.
    pub fn as_raw(&self) -> &W::Linker<T> {
        &self.raw
    }

    /// The major's own linker, mutably. If WASI is added through it, synchronous calls inside an async task panic as
    /// they do with the major itself; [`Linker::add_wasi`] makes that an error.
    pub fn as_raw_mut(&mut self) -> &mut W::Linker<T> {
        &mut self.raw
    }

    /// The major's own linker, and nothing else.
    pub fn into_raw(self) -> W::Linker<T> {
        self.raw
    }
}

/// A host function on our [`Caller`], for the major to call on its own.
struct Wrapped<F>(F);

impl<W, T, P, R, F> AsyncHostFunc<W, T, P, R> for Wrapped<F>
where
    W: Wasmtime,
    T: Send + 'static,
    F: for<'a> Fn(Caller<'a, W, T>, P) -> HostFuture<'a, R> + Send + Sync + 'static,
{
    fn call<'a>(&self, raw: W::Caller<'a, T>, params: P) -> HostFuture<'a, R> {
        (self.0)(Caller { raw }, params)
    }
}

impl<W: Wasmtime, T: Send + 'static> InstancePre<W, T> {
    /// Instantiates the module and runs its start function.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`] on an async engine; whatever the start function ends with.
    pub fn instantiate(&self, mut store: impl AsContextMut<W, Data = T>) -> Result<Instance<W>> {
        let mut context = store.as_context_mut();
        if self.has_wasi {
            W::expect_wasi(&mut context.raw);
        }
        context.check_sync()?;
        Ok(Instance::from_raw(W::instantiate(&self.raw, context.raw)?))
    }

    /// As [`InstancePre::instantiate`], on an async engine.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine; whatever the start function ends with.
    pub fn instantiate_async(
        &self,
        mut store: impl AsContextMut<W, Data = T> + Send,
    ) -> impl Future<Output = Result<Instance<W>>> + Send {
        async move {
            let context = store.as_context_mut();
            context.check_async()?;
            Ok(Instance::from_raw(W::instantiate_async(&self.raw, context.raw).await?))
        }
    }

    /// Wraps one made with the major itself.
    pub fn from_raw(raw: W::InstancePre<T>) -> Self {
        Self { raw, has_wasi: true }
    }

    /// The major's own `InstancePre`.
    pub fn as_raw(&self) -> &W::InstancePre<T> {
        &self.raw
    }
}

impl<W: Wasmtime, T: Send + 'static> Clone for Linker<W, T> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone(), is_async: self.is_async, raw_wasi: self.raw_wasi, has_wasi: self.has_wasi }
    }
}

impl<W: Wasmtime, T: Send + 'static> Clone for InstancePre<W, T> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone(), has_wasi: self.has_wasi }
    }
}

impl<W: Wasmtime, T: Send + 'static> fmt::Debug for Linker<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linker").field("major", &W::MAJOR).finish_non_exhaustive()
    }
}

impl<W: Wasmtime, T: Send + 'static> fmt::Debug for InstancePre<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstancePre").field("major", &W::MAJOR).finish_non_exhaustive()
    }
}
