//! Owns `Instance` and `InstancePre`: instantiated components, and components whose imports are settled.

use super::{ComponentFuncs, Components, TypedFunc};
use crate::bounds::Data;
use crate::command::{AdapterWarning, Flaws};
use crate::error::Result;
use crate::handle::handle;
use crate::store::{Ambient, AsContextMut};
use crate::wasi::WasiConfig;
use crate::{ComponentLift, ComponentLower};

/// A component whose imports are looked up and type-checked, so that instantiating it is fast.
pub struct InstancePre<W: ComponentInstances, T: Data> {
    pub(super) raw: W::ComponentInstancePre<T>,
    pub(super) has_wasi: bool,
    pub(super) flaws: Flaws,
}

/// An instantiated component: a handle into its store.
pub struct Instance<W: ComponentInstances> {
    raw: W::ComponentInstance,
}

impl<W: ComponentInstances, T: Data> InstancePre<W, T> {
    /// Instantiates the component.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on an async engine;
    /// [`ErrorKind::BrokenAdapter`](crate::ErrorKind::BrokenAdapter) if it would see the store's preopens under wrong
    /// names; the error that a start function ends with.
    pub fn instantiate(&self, mut store: impl AsContextMut<W, Data = T>) -> Result<Instance<W>> {
        let mut context = store.as_context_mut();
        if self.has_wasi {
            context.ambient_mut().add_wasi();
        }
        self.guard(context.ambient())?;
        let mode = context.ambient().mode;
        Ok(Instance::from_raw(mode.sync(|| W::component_instantiate(&self.raw, context.raw))?))
    }

    /// Refuses stores whose preopens the component would see under wrong names.
    pub(crate) fn guard(&self, ambient: &Ambient) -> Result<()> {
        match &ambient.world {
            Some(world) if !world.allow_broken_adapter => self.flaws.refuse(&world.preopens),
            _ => Ok(()),
        }
    }

    /// As [`Component::adapter_warnings_in`](super::Component::adapter_warnings_in).
    pub fn adapter_warnings_in(&self, wasi: &WasiConfig) -> Vec<AdapterWarning> {
        self.flaws.in_run(wasi)
    }

    /// Flaws of the adapters in it that did not keep it from running.
    pub(crate) fn warnings(&self) -> &[AdapterWarning] {
        self.flaws.warnings()
    }

    /// Wraps one made with the major itself. The adapters of the component are not known then, so that no store is
    /// refused for them.
    pub fn from_raw(raw: W::ComponentInstancePre<T>) -> Self {
        Self { raw, has_wasi: true, flaws: Flaws::default() }
    }
}

impl<W: AsyncComponentInstances, T: Data + Send> InstancePre<W, T> {
    /// As [`InstancePre::instantiate`], on an async engine.
    ///
    /// # Errors
    /// As [`InstancePre::instantiate`], but
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn instantiate_async(
        &self,
        mut store: impl AsContextMut<W, Data = T> + Send,
    ) -> impl Future<Output = Result<Instance<W>>> + Send {
        async move {
            let context = store.as_context_mut();
            context.ambient().mode.check_async()?;
            self.guard(context.ambient())?;
            Ok(Instance::from_raw(W::component_instantiate_async(&self.raw, context.raw).await?))
        }
    }
}

impl<W: ComponentInstances> Instance<W> {
    /// A function exported by the interface (spelled exactly as the component does), or at the root for `None`.
    ///
    /// # Errors
    /// [`ErrorKind::Export`](crate::ErrorKind::Export) if the component exports no function of that name,
    /// [`ErrorKind::TypeMismatch`](crate::ErrorKind::TypeMismatch) if the function has another type.
    pub fn get_typed_func<P: ComponentLower, R: ComponentLift>(
        &self,
        mut store: impl AsContextMut<W>,
        interface: Option<&str>,
        name: &str,
    ) -> Result<TypedFunc<W, P, R>> {
        Ok(TypedFunc::from_raw(W::component_func(&self.raw, store.as_context_mut().raw, interface, name)?))
    }
}

handle! { [W: ComponentInstances, T: Data] InstancePre[W, T] wraps W::ComponentInstancePre<T>, { has_wasi, flaws } }
handle! { [W: ComponentInstances] Instance[W] is W::ComponentInstance, Copy }

/// Instances of components of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait ComponentInstances: Components + ComponentFuncs {
    /// `wasmtime::component::InstancePre<StoreData<T>>`.
    type ComponentInstancePre<T: Data>: Clone + Send + Sync + 'static;
    /// `wasmtime::component::Instance`.
    type ComponentInstance: Copy + Send + Sync + 'static;

    #[doc(hidden)]
    fn component_instantiate<T: Data>(
        pre: &Self::ComponentInstancePre<T>,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<Self::ComponentInstance>;
    #[doc(hidden)]
    fn component_func<T: Data, P: ComponentLower, R: ComponentLift>(
        instance: &Self::ComponentInstance,
        context: Self::StoreContextMut<'_, T>,
        interface: Option<&str>,
        name: &str,
    ) -> Result<Self::ComponentFunc<P, R>>;
}

/// Asynchronous instantiation of components by a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait AsyncComponentInstances: ComponentInstances {
    #[doc(hidden)]
    fn component_instantiate_async<T: Data + Send>(
        pre: &Self::ComponentInstancePre<T>,
        context: Self::StoreContextMut<'_, T>,
    ) -> impl Future<Output = Result<Self::ComponentInstance>> + Send;
}
