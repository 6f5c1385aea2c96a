//! Owns `Linker`: what core modules import.

use super::into_func::{IntoFunc, Seal};
use super::{AsyncInstances, Instance, InstancePre, Instances, Module};
use crate::bounds::Data;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::handle::handle;
use crate::store::{AsContextMut, Caller, Stores};
use crate::{HostParams, HostResults};

/// Names and host functions that core modules can import.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Newest};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut linker = Linker::<_, ()>::new(&engine);
/// linker.func_wrap("host", "double", |number: i32| number.wrapping_mul(2))?;
/// linker.alias("host", "double", "env", "twice")?.alias_module("host", "imports")?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Linker<W: Linkers, T: Data> {
    pub(crate) raw: W::Linker<T>,
    pub(crate) engine: Engine<W>,
    pub(crate) has_wasi: bool,
    pub(crate) allows_shadowing: bool,
}

impl<W: Linkers, T: Data> Linker<W, T> {
    /// An empty linker.
    pub fn new(engine: &Engine<W>) -> Self {
        Self { raw: W::new_linker(engine.as_raw()), engine: engine.clone(), has_wasi: false, allows_shadowing: false }
    }

    /// The engine that this linker belongs to.
    pub fn engine(&self) -> &Engine<W> {
        &self.engine
    }

    /// Sets whether a definition replaces an earlier one of the same name. Off by default: a name that is taken is an
    /// error.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allows_shadowing = allow;
        W::allow_shadowing(&mut self.raw, allow);
        self
    }

    /// Sets whether [`Linker::module`] takes a command that exports other things than functions. Off by default: but for the
    /// memory, the table and a few globals that compilers export in any case, such an export of a command is an error. The exports
    /// are not defined either way, because each call of a function of a command has an instance of its own.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store};
    ///
    /// let engine = Engine::<Newest>::new(&Config::new())?;
    /// let mut store = Store::new(&engine, ());
    /// // (module (func (export "_start")) (global (export "g") i32 (i32.const 0)))
    /// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x06\x06\x01\x7f\0\x41\0\x0b\x07\x0e\x02\x06_start\0\0\x01g\x03\0\x0a\x04\x01\x02\0\x0b";
    /// let module = Module::new(&engine, wasm)?;
    /// assert!(Linker::new(&engine).module(&mut store, "command", &module).is_err());
    /// Linker::new(&engine).allow_unknown_exports(true).module(&mut store, "command", &module)?;
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn allow_unknown_exports(&mut self, allow: bool) -> &mut Self {
        W::allow_unknown_exports(&mut self.raw, allow);
        self
    }

    /// Defines all exports of an instance under the name of a module.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if a name is taken; [`ErrorKind::InvalidArgument`] if the store is of another engine, or the instance
    /// belongs to another store.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<W, Data = T>,
        module_name: &str,
        instance: Instance<W>,
    ) -> Result<&mut Self> {
        let context = store.as_context_mut();
        context.ambient().id.expect(instance.store, "instance")?;
        W::link_instance(&mut self.raw, context.raw, module_name, instance.as_raw())?;
        Ok(self)
    }

    /// Defines all exports of a module under a name. A module with the export `_initialize`, or with neither this nor
    /// `_start`, is instantiated once and `_initialize` is called; a module with the export `_start` is instantiated again
    /// for each call of a function.
    ///
    /// # Errors
    /// As [`Linker::instantiate`]; [`ErrorKind::Link`] also if a name is taken, or if the module has both exports.
    pub fn module(
        &mut self,
        mut store: impl AsContextMut<W, Data = T>,
        module_name: &str,
        module: &Module<W>,
    ) -> Result<&mut Self> {
        let mut context = store.as_context_mut();
        if self.has_wasi {
            context.ambient_mut().add_wasi();
        }
        let (store, mode) = (context.ambient().id, context.ambient().mode);
        mode.sync(|| W::link_module(&mut self.raw, context.raw, module_name, module.as_raw()))
            .map_err(|error| error.of_store(store))?;
        Ok(self)
    }

    /// Defines `as_module::as_name` to be what `module::name` is.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if the first name is taken or the second one is not defined.
    pub fn alias(&mut self, module: &str, name: &str, as_module: &str, as_name: &str) -> Result<&mut Self> {
        W::alias(&mut self.raw, (module, name), (as_module, as_name))?;
        Ok(self)
    }

    /// Defines all names of `module` under `as_module` too.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if a name is taken.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<()> {
        W::alias_module(&mut self.raw, module, as_module)
    }

    /// Defines all functions that a module imports and that are not defined, as functions that fail when they are called:
    /// with [`ErrorKind::Link`] and the import in [`Error::missing_import`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the module was compiled with another engine.
    pub fn define_unknown_imports_as_traps(&mut self, module: &Module<W>) -> Result<()> {
        W::define_unknown_as_traps(&mut self.raw, module.as_raw())
    }

    /// Defines everything that a module imports and that is not defined: functions that return zeros and null, globals of
    /// these values, and tables and memories of their least size. Wasmtime up to 31 leaves out all but functions; this
    /// function does not.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if an import has no default, such as a tag or a function that returns a reference that cannot
    /// be null; [`ErrorKind::InvalidArgument`] if the module or the store is of another engine.
    pub fn define_unknown_imports_as_default_values(
        &mut self,
        mut store: impl AsContextMut<W, Data = T>,
        module: &Module<W>,
    ) -> Result<()> {
        W::define_unknown_as_defaults(&mut self.raw, store.as_context_mut().raw, module.as_raw())
    }

    /// Adds a host function: a closure with a parameter for each parameter of the WebAssembly function, with a [`Caller`] in
    /// front where the closure needs one; see [`IntoFunc`] for all forms. An error that the closure returns reaches the
    /// caller, who can downcast the error (see [`Error::downcast_ref`]), on every major.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if the name is taken.
    pub fn func_wrap<Params, Results, F>(&mut self, module: &str, name: &str, func: F) -> Result<&mut Self>
    where
        F: IntoFunc<W, T, Params, Results>,
    {
        W::func_wrap(&mut self.raw, module, name, move |raw: W::Caller<'_, T>, params: F::Taken| {
            func.call(Seal, Caller { raw }, params)
        })?;
        Ok(self)
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
        Self { raw, engine: engine.clone(), has_wasi: true, allows_shadowing: false }
    }

    /// The major's own linker, mutably. If WASI is added through it, synchronous calls inside an async task panic as
    /// they do with the major itself; [`Linker::add_wasi`] makes that an error.
    pub fn as_raw_mut(&mut self) -> &mut W::Linker<T> {
        &mut self.raw
    }
}

impl<W: Linkers, T: Data> Linker<W, T> {
    pub(super) fn expect_async(&self) -> Result<()> {
        if self.engine.is_async() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::SyncAsyncMismatch, "asynchronous host function on a synchronous engine")
            .with_hint("create the engine with Config::async_support(true)"))
    }
}

impl<W: AsyncLinkers, T: Data + Send> Linker<W, T> {
    /// Adds an asynchronous host function, which takes its parameters as one tuple: `|caller, (a, b): (i32, i64)|
    /// Box::new(async move { Ok(a) })`.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine, [`ErrorKind::Link`] if the name is taken.
    pub fn func_wrap_async<P, R, F>(&mut self, module: &str, name: &str, func: F) -> Result<&mut Self>
    where
        P: HostParams,
        R: HostResults,
        F: for<'a> Fn(Caller<'a, W, T>, P) -> HostFuture<'a, R> + Send + Sync + 'static,
    {
        self.expect_async()?;
        W::func_wrap_async(&mut self.raw, module, name, AsyncWrapped(func))?;
        Ok(self)
    }

    /// As [`Linker::module`], on an async engine.
    ///
    /// # Errors
    /// As [`Linker::module`] and [`Linker::instantiate_async`].
    pub fn module_async<'a>(
        &'a mut self,
        mut store: impl AsContextMut<W, Data = T> + Send + 'a,
        module_name: &'a str,
        module: &'a Module<W>,
    ) -> impl Future<Output = Result<&'a mut Self>> + Send + 'a {
        async move {
            let context = store.as_context_mut();
            let store = context.ambient().id;
            context.ambient().mode.check_async()?;
            let linked = W::link_module_async(&mut self.raw, context.raw, module_name, module.as_raw()).await;
            linked.map_err(|error| error.of_store(store))?;
            Ok(self)
        }
    }
}

impl<W: Linkers + AsyncInstances, T: Data + Send> Linker<W, T> {
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

handle! { [W: Linkers, T: Data] Linker[W, T] wraps W::Linker<T>, { engine, has_wasi, allows_shadowing } }

/// The result of an asynchronous host function.
pub type HostFuture<'a, R> = Box<dyn Future<Output = anyhow::Result<R>> + Send + 'a>;

/// An asynchronous host function in terms of the major's own caller.
#[doc(hidden)]
pub trait AsyncHostFunc<W: Stores, T: Data, P, R>: Send + Sync + 'static {
    fn call<'a>(&self, caller: W::Caller<'a, T>, params: P) -> HostFuture<'a, R>;
}

/// A host function on our [`Caller`], for the major to call on its own.
pub(super) struct AsyncWrapped<F>(pub(super) F);

impl<W, T, P, R, F> AsyncHostFunc<W, T, P, R> for AsyncWrapped<F>
where
    W: Stores,
    T: Data,
    F: for<'a> Fn(Caller<'a, W, T>, P) -> HostFuture<'a, R> + Send + Sync + 'static,
{
    fn call<'a>(&self, raw: W::Caller<'a, T>, params: P) -> HostFuture<'a, R> {
        (self.0)(Caller { raw }, params)
    }
}

/// Linkers of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
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
    fn allow_shadowing<T: Data>(linker: &mut Self::Linker<T>, allow: bool);
    #[doc(hidden)]
    fn allow_unknown_exports<T: Data>(linker: &mut Self::Linker<T>, allow: bool);
    #[doc(hidden)]
    fn link_instance<T: Data>(
        linker: &mut Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
        instance: &Self::Instance,
    ) -> Result<()>;
    #[doc(hidden)]
    fn link_module<T: Data>(
        linker: &mut Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
        module: &Self::Module,
    ) -> Result<()>;
    #[doc(hidden)]
    fn alias<T: Data>(linker: &mut Self::Linker<T>, from: (&str, &str), to: (&str, &str)) -> Result<()>;
    #[doc(hidden)]
    fn alias_module<T: Data>(linker: &mut Self::Linker<T>, from: &str, to: &str) -> Result<()>;
    #[doc(hidden)]
    fn define_unknown_as_traps<T: Data>(linker: &mut Self::Linker<T>, module: &Self::Module) -> Result<()>;
    #[doc(hidden)]
    fn define_unknown_as_defaults<T: Data>(
        linker: &mut Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        module: &Self::Module,
    ) -> Result<()>;
    #[doc(hidden)]
    fn instantiate_pre<T: Data>(linker: &Self::Linker<T>, module: &Self::Module) -> Result<Self::InstancePre<T>>;
}

/// Asynchronous host functions and modules of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait AsyncLinkers: Linkers {
    #[doc(hidden)]
    fn func_wrap_async<T, P, R, F>(linker: &mut Self::Linker<T>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Data + Send,
        P: HostParams,
        R: HostResults,
        F: AsyncHostFunc<Self, T, P, R>;
    #[doc(hidden)]
    fn link_module_async<T: Data + Send>(
        linker: &mut Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
        module: &Self::Module,
    ) -> impl Future<Output = Result<()>> + Send;
}
