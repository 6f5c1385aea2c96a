//! Owns `Instance` and `InstancePre`: instantiated core modules, and modules whose imports are settled.

use super::{Export, Extern, Func, Funcs, Global, Memory, Modules, Table, Tag, TypedFunc};
use crate::bounds::Data;
use crate::error::Result;
use crate::handle::handle;
use crate::store::{AsContextMut, StoreContextMut};
use crate::wasmtime::{CoreWasmtime, Wasmtime};
use crate::{WasmParams, WasmResults};

/// A module whose imports are looked up and type-checked, so that instantiating it is fast.
pub struct InstancePre<W: CoreWasmtime, T: Data> {
    pub(super) raw: W::InstancePre<T>,
    pub(super) has_wasi: bool,
}

/// An instantiated core module: a handle into its store.
pub struct Instance<W: CoreWasmtime> {
    raw: W::Instance,
}

impl<W: CoreWasmtime, T: Data> InstancePre<W, T> {
    /// Instantiates the module and runs its start function.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on an async engine; the error that the
    /// start function ends with.
    pub fn instantiate(&self, mut store: impl AsContextMut<W, Data = T>) -> Result<Instance<W>> {
        let mut context = store.as_context_mut();
        if self.has_wasi {
            context.ambient_mut().mode.has_wasi = true;
        }
        context.ambient().mode.check_sync()?;
        Ok(Instance::from_raw(W::instantiate(&self.raw, context.raw)?))
    }

    /// Wraps one made with the major itself.
    pub fn from_raw(raw: W::InstancePre<T>) -> Self {
        Self { raw, has_wasi: true }
    }
}

impl<W: Wasmtime, T: Data + Send> InstancePre<W, T> {
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
            Ok(Instance::from_raw(W::instantiate_async(&self.raw, context.raw).await?))
        }
    }
}

impl<W: CoreWasmtime> Instance<W> {
    /// An exported function with these parameter and result types.
    ///
    /// # Errors
    /// [`ErrorKind::Export`](crate::ErrorKind::Export) if the instance exports no function of that name and type.
    pub fn get_typed_func<P: WasmParams, R: WasmResults>(
        &self,
        mut store: impl AsContextMut<W>,
        name: &str,
    ) -> Result<TypedFunc<W, P, R>> {
        Ok(TypedFunc::from_raw(W::get_typed_func(&self.raw, store.as_context_mut().raw, name)?))
    }

    /// As [`Instance::get_typed_func`], without looking for the name.
    pub(crate) fn typed_func_at<P: WasmParams, R: WasmResults>(
        &self,
        mut store: impl AsContextMut<W>,
        export: &W::ModuleExport,
        name: &str,
    ) -> Result<TypedFunc<W, P, R>> {
        Ok(TypedFunc::from_raw(W::typed_func_at(&self.raw, store.as_context_mut().raw, export, name)?))
    }

    /// The exports of the instance.
    pub fn exports<'a, T: Data>(
        &'a self,
        store: impl Into<StoreContextMut<'a, W, T>>,
    ) -> impl ExactSizeIterator<Item = Export<'a, W>> {
        let context = store.into();
        let store = context.ambient().id;
        W::instance_exports(&self.raw, context.raw, store).into_iter()
    }

    /// An export, if there is one of that name.
    pub fn get_export(&self, mut store: impl AsContextMut<W>, name: &str) -> Option<Extern<W>> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        W::instance_export(&self.raw, context.raw, store, name)
    }

    /// An exported function, if there is one of that name.
    pub fn get_func(&self, store: impl AsContextMut<W>, name: &str) -> Option<Func<W>> {
        self.get_export(store, name)?.into_func()
    }

    /// An exported global, if there is one of that name.
    pub fn get_global(&self, store: impl AsContextMut<W>, name: &str) -> Option<Global<W>> {
        self.get_export(store, name)?.into_global()
    }

    /// An exported table, if there is one of that name.
    pub fn get_table(&self, store: impl AsContextMut<W>, name: &str) -> Option<Table<W>> {
        self.get_export(store, name)?.into_table()
    }

    /// An exported tag, if there is one of that name. Tags exist from 31 on.
    pub fn get_tag(&self, store: impl AsContextMut<W>, name: &str) -> Option<Tag<W>> {
        self.get_export(store, name)?.into_tag()
    }

    /// An exported memory, if there is one of that name.
    pub fn get_memory(&self, mut store: impl AsContextMut<W>, name: &str) -> Option<Memory<W>> {
        W::instance_memory(&self.raw, store.as_context_mut().raw, name).map(Memory::from_raw)
    }
}

handle! { [W: CoreWasmtime, T: Data] InstancePre[W, T] wraps W::InstancePre<T>, { has_wasi } }
handle! { [W: CoreWasmtime] Instance[W] is W::Instance, Copy }

/// Instances of a major.
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
pub trait AsyncInstances: Instances {
    #[doc(hidden)]
    fn instantiate_async<T: Data + Send>(
        pre: &Self::InstancePre<T>,
        context: Self::StoreContextMut<'_, T>,
    ) -> impl Future<Output = Result<Self::Instance>> + Send;
}
