//! Owns `Linker`: what core modules import.

use super::{Instance, InstancePre, Instances, Module};
use crate::bounds::Data;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::handle::handle;
use crate::store::{AsContextMut, Caller, Stores};
use crate::wasmtime::{CoreWasmtime, Wasmtime};
use crate::{HostParams, HostResults};

/// Names and host functions that core modules can import.
pub struct Linker<W: CoreWasmtime, T: Data> {
    raw: W::Linker<T>,
    is_async: bool,
    raw_wasi: bool,
    has_wasi: bool,
}

impl<W: CoreWasmtime, T: Data> Linker<W, T> {
    /// An empty linker.
    pub fn new(engine: &Engine<W>) -> Self {
        Self {
            raw: W::new_linker(engine.as_raw()),
            is_async: engine.is_async(),
            raw_wasi: engine.raw_wasi(),
            has_wasi: false,
        }
    }

    /// Adds a host function. Its parameters come as one tuple; an error that it returns reaches the caller, who can
    /// downcast the error (see [`Error::downcast_ref`]), on every major.
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

    /// Wraps a linker made with the major itself; `engine` must be the one it was made with.
    pub fn from_raw(engine: &Engine<W>, raw: W::Linker<T>) -> Self {
        Self { raw, is_async: engine.is_async(), raw_wasi: engine.raw_wasi(), has_wasi: true }
    }

    /// The major's own linker, mutably. If WASI is added through it, synchronous calls inside an async task panic as
    /// they do with the major itself; [`Linker::add_wasi`] makes that an error.
    pub fn as_raw_mut(&mut self) -> &mut W::Linker<T> {
        &mut self.raw
    }
}

impl<W: Wasmtime, T: Data + Send> Linker<W, T> {
    /// Adds `wasi_snapshot_preview1`, blocking or async as the engine is.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if one of its names is taken.
    pub fn add_wasi(&mut self) -> Result<()> {
        self.has_wasi = true;
        W::link_wasi(&mut self.raw, self.is_async, self.raw_wasi)
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
        self.expect_async()?;
        W::func_wrap_async(&mut self.raw, module, name, Wrapped(func))
    }

    pub(super) fn expect_async(&self) -> Result<()> {
        if self.is_async {
            return Ok(());
        }
        Err(Error::new(ErrorKind::SyncAsyncMismatch, "asynchronous host function on a synchronous engine")
            .with_hint("create the engine with Config::async_support(true)"))
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
}

handle! { [W: CoreWasmtime, T: Data] Linker[W, T] wraps W::Linker<T>, { is_async, raw_wasi, has_wasi } }

/// The result of an asynchronous host function.
pub type HostFuture<'a, R> = Box<dyn Future<Output = anyhow::Result<R>> + Send + 'a>;

/// An asynchronous host function in terms of the major's own caller.
#[doc(hidden)]
pub trait AsyncHostFunc<W: Stores, T: Data, P, R>: Send + Sync + 'static {
    fn call<'a>(&self, caller: W::Caller<'a, T>, params: P) -> HostFuture<'a, R>;
}

/// A host function on our [`Caller`], for the major to call on its own.
struct Wrapped<F>(F);

impl<W, T, P, R, F> AsyncHostFunc<W, T, P, R> for Wrapped<F>
where
    W: CoreWasmtime,
    T: Data,
    F: for<'a> Fn(Caller<'a, W, T>, P) -> HostFuture<'a, R> + Send + Sync + 'static,
{
    fn call<'a>(&self, raw: W::Caller<'a, T>, params: P) -> HostFuture<'a, R> {
        (self.0)(Caller { raw }, params)
    }
}

/// Linkers of a major.
pub trait Linkers: Instances {
    /// `wasmtime::Linker<StoreData<T>>`.
    type Linker<T: Data>: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn new_linker<T: Data>(engine: &Self::Engine) -> Self::Linker<T>;
    #[doc(hidden)]
    fn func_wrap<T, P, R, F>(linker: &mut Self::Linker<T>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Data,
        P: HostParams,
        R: HostResults,
        F: Fn(Self::Caller<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static;
    #[doc(hidden)]
    fn instantiate_pre<T: Data>(linker: &Self::Linker<T>, module: &Self::Module) -> Result<Self::InstancePre<T>>;
}

/// Asynchronous host functions of a major.
pub trait AsyncLinkers: Linkers {
    #[doc(hidden)]
    fn func_wrap_async<T, P, R, F>(linker: &mut Self::Linker<T>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Data + Send,
        P: HostParams,
        R: HostResults,
        F: AsyncHostFunc<Self, T, P, R>;
}
