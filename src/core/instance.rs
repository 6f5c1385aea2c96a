//! Owns `Instance` and `InstancePre`: instantiated core modules, and modules whose imports are settled.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Funcs, Module, Modules, TypedFunc};
use crate::bounds::Data;
use crate::error::{Error, Result, Unsupported};
use crate::handle::handle;
use crate::store::{AsContext, AsContextMut, StoreId};
use crate::{WasmParams, WasmResults};

/// A module whose imports are looked up and type-checked, so that instantiating it is fast.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store};
///
/// // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
/// let wasm = b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\
///     \x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let pre = Linker::<_, ()>::new(&engine).instantiate_pre(&Module::new(&engine, wasm)?)?;
/// // Each pair is added in an instance of its own.
/// for (a, b) in [(1, 2), (40, 2)] {
///     let mut store = Store::new(&engine, ());
///     let add = pre.instantiate(&mut store)?.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
///     assert_eq!(add.call(&mut store, (a, b))?, a + b);
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct InstancePre<W: Instances, T: Data> {
    pub(super) raw: W::InstancePre<T>,
    pub(super) has_wasi: bool,
}

/// An instantiated core module: a handle into its store.
///
/// An instance has no exports in a store that it does not belong to; there it is [`ErrorKind::InvalidArgument`] where a function
/// returns a [`Result`], and never a panic.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store};
///
/// // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
/// let wasm = b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\
///     \x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
/// assert_eq!(add.call(&mut store, (40, 2))?, 42);
/// let mut other = Store::new(&engine, ());
/// assert!(instance.get_func(&mut other, "add").is_none());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
///
/// [`ErrorKind::InvalidArgument`]: crate::ErrorKind::InvalidArgument
pub struct Instance<W: Instances> {
    pub(super) raw: W::Instance,
    pub(super) store: StoreId,
}

impl<W: Instances, T: Data> InstancePre<W, T> {
    /// Instantiates the module and runs its start function.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on an async engine; the error that the
    /// start function ends with.
    pub fn instantiate(&self, mut store: impl AsContextMut<W, Data = T>) -> Result<Instance<W>> {
        let mut context = store.as_context_mut();
        if self.has_wasi {
            context.ambient_mut().add_wasi();
        }
        let (mode, store) = (context.ambient().mode, context.ambient().id);
        let raw = mode.sync(|| W::instantiate(&self.raw, context.raw)).map_err(|error| error.of_store(store))?;
        Ok(Instance::in_store(raw, store))
    }

    /// The module.
    pub fn module(&self) -> Module<W> {
        Module::from_raw(W::pre_module(&self.raw))
    }

    /// Wraps one made with the major itself.
    pub fn from_raw(raw: W::InstancePre<T>) -> Self {
        Self { raw, has_wasi: true }
    }
}

impl<W: AsyncInstances, T: Data + Send> InstancePre<W, T> {
    /// As [`InstancePre::instantiate`], on an async engine.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine; the error that the
    /// start function ends with.
    pub fn instantiate_async(
        &self,
        mut store: impl AsContextMut<W, Data = T> + Send,
    ) -> impl Future<Output = Result<Instance<W>>> + Send {
        async move {
            let context = store.as_context_mut();
            context.ambient().mode.check_async()?;
            let store = context.ambient().id;
            let raw = W::instantiate_async(&self.raw, context.raw).await.map_err(|error| error.of_store(store))?;
            Ok(Instance::in_store(raw, store))
        }
    }
}

impl<W: Instances> Instance<W> {
    /// The module that this is an instance of.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the instance belongs to another store;
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) up to 39 for a module that imports functions and defines none:
    /// there the store does not remember the module, and Wasmtime panics, which the panic hook sees.
    pub fn module(&self, store: impl AsContext<W>) -> Result<Module<W>> {
        let context = store.as_context();
        context.ambient().id.expect(self.store, "instance")?;
        let engine = context.engine();
        // The function reads and changes nothing, so a panic leaves nothing half done.
        let module = catch_unwind(AssertUnwindSafe(|| W::instance_module(&self.raw, context.raw))).map_err(|_| {
            let what = "the module of an instance without functions of its own".to_owned();
            Error::from_unsupported(Unsupported { since: Some(40), ..Unsupported::new(what, W::NUMBER) })
        })?;
        Ok(Module::in_engine(module, engine))
    }

    /// An exported function with these parameter and result types.
    ///
    /// # Errors
    /// [`ErrorKind::Export`](crate::ErrorKind::Export) if the instance exports no function of that name,
    /// [`ErrorKind::TypeMismatch`](crate::ErrorKind::TypeMismatch) if the function has another type,
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the instance belongs to another store.
    pub fn get_typed_func<P: WasmParams, R: WasmResults>(
        &self,
        mut store: impl AsContextMut<W>,
        name: &str,
    ) -> Result<TypedFunc<W, P, R>> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        store.expect(self.store, "instance")?;
        Ok(TypedFunc::in_store(W::get_typed_func(&self.raw, context.raw, name)?, store))
    }

    /// As [`Instance::get_typed_func`], without looking for the name.
    pub(crate) fn typed_func_at<P: WasmParams, R: WasmResults>(
        &self,
        mut store: impl AsContextMut<W>,
        export: &W::ModuleExport,
        name: &str,
    ) -> Result<TypedFunc<W, P, R>> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        store.expect(self.store, "instance")?;
        Ok(TypedFunc::in_store(W::typed_func_at(&self.raw, context.raw, export, name)?, store))
    }
}

handle! { [W: Instances, T: Data] InstancePre[W, T] wraps W::InstancePre<T>, { has_wasi } }
handle! { [W: Instances] Instance[W] of a store is W::Instance }

/// Instances of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Instances: Modules + Funcs {
    /// `wasmtime::InstancePre<StoreData<T>>`.
    type InstancePre<T: Data>: Clone + Send + Sync + 'static;
    /// `wasmtime::Instance`.
    type Instance: Copy + Send + Sync + 'static;

    #[doc(hidden)]
    fn instantiate<T: Data>(
        pre: &Self::InstancePre<T>,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<Self::Instance>;
    #[doc(hidden)]
    fn pre_module<T: Data>(pre: &Self::InstancePre<T>) -> Self::Module;
    #[doc(hidden)]
    fn instance_module<T: Data>(instance: &Self::Instance, context: Self::StoreContext<'_, T>) -> Self::Module;
    #[doc(hidden)]
    fn get_typed_func<T: Data, P: WasmParams, R: WasmResults>(
        instance: &Self::Instance,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
    ) -> Result<Self::TypedFunc<P, R>>;
    #[doc(hidden)]
    fn typed_func_at<T: Data, P: WasmParams, R: WasmResults>(
        instance: &Self::Instance,
        context: Self::StoreContextMut<'_, T>,
        export: &Self::ModuleExport,
        name: &str,
    ) -> Result<Self::TypedFunc<P, R>>;
}

/// Asynchronous instantiation by a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait AsyncInstances: Instances {
    #[doc(hidden)]
    fn instantiate_async<T: Data + Send>(
        pre: &Self::InstancePre<T>,
        context: Self::StoreContextMut<'_, T>,
    ) -> impl Future<Output = Result<Self::Instance>> + Send;
}
