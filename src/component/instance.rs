//! Owns `Instance` and `InstancePre`: instantiated components, and components whose imports are settled.

use super::export;
use super::resource::ResourceType;
use super::{Component, ComponentExportIndex, ComponentFuncs, Components, ExportLookup, Func, TypedFunc, types};
use crate::bounds::Data;
use crate::command::AdapterWarning;
use crate::core::{Module, Modules};
use crate::engine::Engine;
use crate::error::Result;
use crate::handle::handle;
use crate::store::{Ambient, AsContextMut, StoreId, within, within_async};
use crate::wasi::WasiConfig;
use crate::{ComponentLift, ComponentLower};

/// A component whose imports are looked up and type-checked, so that instantiating it is fast.
///
/// ```
/// use wasmtime_compat::component::InstancePre;
/// use wasmtime_compat::{Engine, Result, Store, Wasmtime};
///
/// /// Handles each request in an instance of its own.
/// fn handle<W: Wasmtime>(engine: &Engine<W>, pre: &InstancePre<W, ()>, requests: &[String]) -> Result<Vec<String>> {
///     let handle = |request: &String| {
///         let mut store = Store::new(engine, ());
///         let instance = pre.instantiate(&mut store)?;
///         let handle = instance.get_typed_func::<(&str,), (String,)>(&mut store, "handle")?;
///         Ok(handle.call(&mut store, (request.as_str(),))?.0)
///     };
///     requests.iter().map(handle).collect()
/// }
/// ```
pub struct InstancePre<W: ComponentInstances, T: Data> {
    pub(super) raw: W::ComponentInstancePre<T>,
    pub(super) component: Component<W>,
    pub(super) has_wasi: bool,
}

/// An instantiated component: a handle into its store.
///
/// ```
/// use wasmtime_compat::component::Instance;
/// use wasmtime_compat::{Result, Store, Wasmtime};
///
/// fn run<W: Wasmtime>(store: &mut Store<W, ()>, instance: &Instance<W>) -> Result<u32> {
///     // At the root of the component.
///     instance.get_typed_func::<(), ()>(&mut *store, "init")?.call(&mut *store, ())?;
///     // In an interface that it exports.
///     let status = instance.get_typed_func::<(), (u32,)>(&mut *store, ("demo:guest/api", "status"))?;
///     Ok(status.call(store, ())?.0)
/// }
/// ```
pub struct Instance<W: ComponentInstances> {
    raw: W::ComponentInstance,
    store: StoreId,
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
        let (id, mode) = (context.ambient().id, context.ambient().mode);
        W::expect_engine(&context.raw, self.component.engine().as_raw())?;
        let raw = mode.sync(|| within(id, || W::component_instantiate(&self.raw, context.raw)));
        Ok(Instance::in_store(raw.map_err(|error| error.of_store(id))?, id))
    }

    /// Refuses stores whose preopens the component would see under wrong names.
    pub(crate) fn guard(&self, ambient: &Ambient) -> Result<()> {
        match &ambient.world {
            Some(world) if !world.allow_broken_adapter => self.component.flaws.refuse(&world.preopens),
            _ => Ok(()),
        }
    }

    /// As [`Component::adapter_warnings_in`](super::Component::adapter_warnings_in).
    pub fn adapter_warnings_in(&self, wasi: &WasiConfig) -> Vec<AdapterWarning> {
        self.component.flaws.in_run(wasi)
    }

    /// Flaws of the adapters in it that did not keep it from running.
    pub(crate) fn warnings(&self) -> &[AdapterWarning] {
        self.component.flaws.warnings()
    }

    /// The component.
    pub fn component(&self) -> &Component<W> {
        &self.component
    }

    /// The engine that the component was compiled with.
    pub fn engine(&self) -> &Engine<W> {
        self.component.engine()
    }

    /// Wraps one made with the major itself; `engine` must be the one it was made with. The adapters of the component are not
    /// known then, so that no store is refused for them.
    pub fn from_raw(engine: &Engine<W>, raw: W::ComponentInstancePre<T>) -> Self {
        let component = Component::from_raw(engine, W::component_of_pre(&raw));
        Self { raw, component, has_wasi: true }
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
            let id = context.ambient().id;
            W::expect_engine(&context.raw, self.component.engine().as_raw())?;
            let raw = within_async(id, W::component_instantiate_async(&self.raw, context.raw)).await;
            Ok(Instance::in_store(raw.map_err(|error| error.of_store(id))?, id))
        }
    }
}

impl<W: ComponentInstances> Instance<W> {
    /// An exported function with these parameter and result types: `get_typed_func::<(u32,), (String,)>(&mut store, "run")` at
    /// the root, `get_typed_func(&mut store, ("demo:guest/api", "run"))` in an interface.
    ///
    /// # Errors
    /// [`ErrorKind::Export`](crate::ErrorKind::Export) if the component exports no function of that name,
    /// [`ErrorKind::TypeMismatch`](crate::ErrorKind::TypeMismatch) if the function has another type,
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the instance belongs to another store.
    pub fn get_typed_func<P: ComponentLower, R: ComponentLift>(
        &self,
        mut store: impl AsContextMut<W>,
        name: impl ExportLookup<W>,
    ) -> Result<TypedFunc<W, P, R>> {
        let mut context = store.as_context_mut();
        let id = context.ambient().id;
        id.expect(self.store, "instance")?;
        let index = name.expect(&self.raw, &mut context, "function")?;
        let Some(func) = W::component_func_at(&self.raw, W::reborrow_mut(&mut context.raw), &index) else {
            return Err(export::missing("function", name.describe()));
        };
        let func = W::component_typed(&func, context.raw, || name.describe().0)?;
        Ok(TypedFunc::in_store(func, id))
    }

    /// An exported function. `None` also if the instance belongs to another store, as for all of these functions.
    pub fn get_func(&self, mut store: impl AsContextMut<W>, name: impl ExportLookup<W>) -> Option<Func<W>> {
        let mut context = store.as_context_mut();
        let id = context.ambient().id;
        let index = name.find(self.raw_in(id)?, &mut context)?;
        W::component_func_at(&self.raw, context.raw, &index).map(|raw| Func::in_store(raw, id))
    }

    /// An exported resource type.
    pub fn get_resource(&self, mut store: impl AsContextMut<W>, name: impl ExportLookup<W>) -> Option<ResourceType> {
        let mut context = store.as_context_mut();
        let index = name.find(self.raw_in(context.ambient().id)?, &mut context)?;
        W::component_resource_at(&self.raw, context.raw, &index)
    }

    /// An exported core module.
    pub fn get_module(&self, mut store: impl AsContextMut<W>, name: impl ExportLookup<W>) -> Option<Module<W>> {
        let mut context = store.as_context_mut();
        let index = name.find(self.raw_in(context.ambient().id)?, &mut context)?;
        W::component_module_at(&self.raw, context.raw, &index).map(Module::from_raw)
    }

    /// The place of an export: at the root for `None`, otherwise in the instance at that place.
    pub fn get_export_index(
        &self,
        mut store: impl AsContextMut<W>,
        instance: Option<&ComponentExportIndex<W>>,
        name: &str,
    ) -> Option<ComponentExportIndex<W>> {
        let context = store.as_context_mut();
        let raw = self.raw_in(context.ambient().id)?;
        W::component_export(raw, context.raw, instance.map(ComponentExportIndex::as_raw), name)
            .map(ComponentExportIndex::from_raw)
    }

    /// The instance, if it belongs to this store.
    fn raw_in(&self, store: StoreId) -> Option<&W::ComponentInstance> {
        store.expect(self.store, "instance").is_ok().then_some(&self.raw)
    }

    /// As [`Instance::get_export_index`], with the type of the export.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) up to 32;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the instance belongs to another store.
    pub fn get_export(
        &self,
        mut store: impl AsContextMut<W>,
        instance: Option<&ComponentExportIndex<W>>,
        name: &str,
    ) -> Result<Option<(types::ComponentItem, ComponentExportIndex<W>)>> {
        let context = store.as_context_mut();
        context.ambient().id.expect(self.store, "instance")?;
        let found = W::component_item(&self.raw, context.raw, instance.map(ComponentExportIndex::as_raw), name)?;
        Ok(found.map(|(item, raw)| (item, ComponentExportIndex::from_raw(raw))))
    }
}

handle! { [W: ComponentInstances, T: Data] InstancePre[W, T] wraps W::ComponentInstancePre<T>, { component, has_wasi } }
handle! { [W: ComponentInstances] Instance[W] of a store is W::ComponentInstance }

/// Instances of components of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait ComponentInstances: Components + ComponentFuncs + Modules {
    /// `wasmtime::component::InstancePre<StoreData<T>>`.
    type ComponentInstancePre<T: Data>: Clone + Send + Sync + 'static;
    /// `wasmtime::component::Instance`.
    type ComponentInstance: Copy + Send + Sync + 'static;

    /// Refuses a store of another engine.
    #[doc(hidden)]
    fn expect_engine<T: Data>(context: &Self::StoreContextMut<'_, T>, engine: &Self::Engine) -> Result<()>;
    #[doc(hidden)]
    fn component_of_pre<T: Data>(pre: &Self::ComponentInstancePre<T>) -> Self::Component;
    #[doc(hidden)]
    fn component_instantiate<T: Data>(
        pre: &Self::ComponentInstancePre<T>,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<Self::ComponentInstance>;
    #[doc(hidden)]
    fn component_export<T: Data>(
        instance: &Self::ComponentInstance,
        context: Self::StoreContextMut<'_, T>,
        parent: Option<&Self::ComponentExportIndex>,
        name: &str,
    ) -> Option<Self::ComponentExportIndex>;
    #[doc(hidden)]
    #[allow(clippy::type_complexity, reason = "a pair, as Wasmtime's own function returns it")]
    fn component_item<T: Data>(
        instance: &Self::ComponentInstance,
        context: Self::StoreContextMut<'_, T>,
        parent: Option<&Self::ComponentExportIndex>,
        name: &str,
    ) -> Result<Option<(types::ComponentItem, Self::ComponentExportIndex)>>;
    #[doc(hidden)]
    fn component_func_at<T: Data>(
        instance: &Self::ComponentInstance,
        context: Self::StoreContextMut<'_, T>,
        index: &Self::ComponentExportIndex,
    ) -> Option<Self::UntypedComponentFunc>;
    #[doc(hidden)]
    fn component_resource_at<T: Data>(
        instance: &Self::ComponentInstance,
        context: Self::StoreContextMut<'_, T>,
        index: &Self::ComponentExportIndex,
    ) -> Option<ResourceType>;
    #[doc(hidden)]
    fn component_module_at<T: Data>(
        instance: &Self::ComponentInstance,
        context: Self::StoreContextMut<'_, T>,
        index: &Self::ComponentExportIndex,
    ) -> Option<Self::Module>;
    /// The function with this type; `name` is for the message.
    #[doc(hidden)]
    fn component_typed<T: Data, P: ComponentLower, R: ComponentLift>(
        func: &Self::UntypedComponentFunc,
        context: Self::StoreContextMut<'_, T>,
        name: impl FnOnce() -> String,
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
