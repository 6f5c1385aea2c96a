//! Owns `Linker`: what components import.

use super::host_func::{Definition, Item};
use super::{
    AsyncComponentInstances, Component, ComponentInstances, ComponentLinkerInstances, Instance, InstancePre,
    LinkerInstance,
};
use crate::bounds::Data;
use crate::engine::Engine;
use crate::error::Result;
use crate::handle::handle;
use crate::store::AsContextMut;

/// Interfaces and host functions that components can import.
///
/// ```
/// use wasmtime_compat::component::Linker;
/// use wasmtime_compat::{Engine, Result, StoreContextMut, Wasmtime};
///
/// fn link<W: Wasmtime>(engine: &Engine<W>) -> Result<Linker<W, u32>> {
///     let mut linker = Linker::new(engine);
///     linker.root().func_wrap("log", |_: StoreContextMut<'_, W, u32>, (line,): (String,)| {
///         println!("{line}");
///         Ok(())
///     })?;
///     linker.instance("demo:host/api")?.func_wrap("count", |mut context: StoreContextMut<'_, W, u32>, (): ()| {
///         *context.data_mut() += 1;
///         Ok((*context.data(),))
///     })?;
///     Ok(linker)
/// }
/// ```
pub struct Linker<W: ComponentLinkerInstances, T: Data> {
    pub(crate) raw: W::ComponentLinker<T>,
    pub(crate) engine: Engine<W>,
    pub(crate) has_wasi: bool,
    /// What was defined, where that matters: with functions that are linked when the component is known.
    pub(super) definitions: Vec<Definition<W, T>>,
    pub(super) allows_shadowing: bool,
}

impl<W: ComponentLinkerInstances, T: Data> Linker<W, T> {
    /// An empty linker.
    pub fn new(engine: &Engine<W>) -> Self {
        Self {
            raw: W::new_component_linker(engine.as_raw()),
            engine: engine.clone(),
            has_wasi: false,
            definitions: Vec::new(),
            allows_shadowing: false,
        }
    }

    /// Whether names that are defined can be defined again; at first they cannot.
    ///
    /// [`Linker::instance`] with the name of an interface that is there, such as one of WASI's, replaces the interface. Define every
    /// function that guests import from it: some majors drop the others.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allows_shadowing = allow;
        W::component_allow_shadowing(&mut self.raw, allow);
        self
    }

    /// Sets in the major's linker what [`Linker::allow_shadowing`] set: linking WASI replaces functions, and afterwards forbids
    /// replacing.
    pub(crate) fn restore_shadowing(&mut self) {
        W::component_allow_shadowing(&mut self.raw, self.allows_shadowing);
    }

    /// The engine of the linker.
    pub fn engine(&self) -> &Engine<W> {
        &self.engine
    }

    /// Wraps a linker made with the major itself; `engine` must be the one it was made with.
    pub fn from_raw(engine: &Engine<W>, raw: W::ComponentLinker<T>) -> Self {
        Self { has_wasi: true, raw, ..Self::new(engine) }
    }

    /// The major's own linker, mutably. If WASI is added through it, synchronous calls inside an async task panic as
    /// they do with the major itself; [`Linker::add_wasi`] makes that an error.
    ///
    /// Up to 38 the functions of [`LinkerInstance::func_new`] are not in it: they are added for each component.
    pub fn as_raw_mut(&mut self) -> &mut W::ComponentLinker<T> {
        &mut self.raw
    }
}

impl<W: ComponentLinkerInstances, T: Data> Linker<W, T> {
    /// The names that are imported directly, not from an interface.
    pub fn root(&mut self) -> LinkerInstance<'_, W, T> {
        let raw = W::linker_root(&mut self.raw);
        LinkerInstance::new(raw, &self.engine, &mut self.definitions, self.allows_shadowing)
    }

    /// The names of an interface, which is new: as in Wasmtime, an interface is defined at once, and begins anew if shadowing is
    /// allowed.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if the name is malformed, or taken.
    pub fn instance(&mut self, name: &str) -> Result<LinkerInstance<'_, W, T>> {
        self.root().into_instance(name)
    }

    /// Defines all functions and resources that a component imports and that are not defined: the functions fail when they are
    /// called, with [`ErrorKind::Link`](crate::ErrorKind::Link) and the import in
    /// [`Error::missing_import`](crate::Error::missing_import).
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) up to 21;
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if the component imports a component or a core module;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the component was compiled with another engine.
    pub fn define_unknown_imports_as_traps(&mut self, component: &Component<W>) -> Result<()> {
        W::component_unknown_as_traps(&mut self.raw, component.as_raw(), component.engine().as_raw())
    }

    /// Looks up and type-checks a component's imports.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link); [`Error::missing_import`](crate::Error::missing_import) names
    /// the import, with the guest's and the host's WASI version.
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the component was compiled with another engine.
    pub fn instantiate_pre(&self, component: &Component<W>) -> Result<InstancePre<W, T>> {
        W::same_component_engine(self.engine.as_raw(), component.engine().as_raw())?;
        let is_late = self.definitions.iter().any(|definition| matches!(definition.item, Item::Late(_)));
        let bound = match is_late {
            true => Some(W::link_late(&self.raw, component.as_raw(), &self.definitions, &component.imports)?),
            false => None,
        };
        let linker = bound.as_ref().unwrap_or(&self.raw);
        let raw = W::component_instantiate_pre(linker, component.as_raw(), &component.imports)?;
        Ok(InstancePre { raw, component: component.clone(), has_wasi: self.has_wasi })
    }

    /// Links and instantiates a component.
    ///
    /// # Errors
    /// As [`Linker::instantiate_pre`] and [`InstancePre::instantiate`].
    pub fn instantiate(&self, store: impl AsContextMut<W, Data = T>, component: &Component<W>) -> Result<Instance<W>> {
        self.instantiate_pre(component)?.instantiate(store)
    }
}

impl<W: ComponentLinkerInstances + AsyncComponentInstances, T: Data + Send> Linker<W, T> {
    /// As [`Linker::instantiate`], on an async engine.
    ///
    /// # Errors
    /// As [`Linker::instantiate_pre`] and [`InstancePre::instantiate_async`].
    pub fn instantiate_async(
        &self,
        store: impl AsContextMut<W, Data = T> + Send,
        component: &Component<W>,
    ) -> impl Future<Output = Result<Instance<W>>> + Send {
        async move { self.instantiate_pre(component)?.instantiate_async(store).await }
    }
}

handle! {
    [W: ComponentLinkerInstances, T: Data] Linker[W, T] wraps W::ComponentLinker<T>,
    { engine, has_wasi, definitions, allows_shadowing }
}

/// Linkers for components of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait ComponentLinkers: ComponentInstances {
    /// `wasmtime::component::Linker<StoreData<T>>`.
    type ComponentLinker<T: Data>: Clone + Send + Sync + 'static;
    /// A host function on values whose types are known when the program runs.
    #[doc(hidden)]
    type DynamicHost<T: Data>: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn new_component_linker<T: Data>(engine: &Self::Engine) -> Self::ComponentLinker<T>;
    #[doc(hidden)]
    fn component_allow_shadowing<T: Data>(linker: &mut Self::ComponentLinker<T>, allow: bool);
    #[doc(hidden)]
    fn same_component_engine(engine: &Self::Engine, components: &Self::Engine) -> Result<()>;
    #[doc(hidden)]
    fn component_unknown_as_traps<T: Data>(
        linker: &mut Self::ComponentLinker<T>,
        component: &Self::Component,
        engine: &Self::Engine,
    ) -> Result<()>;
    #[doc(hidden)]
    fn component_instantiate_pre<T: Data>(
        linker: &Self::ComponentLinker<T>,
        component: &Self::Component,
        imports: &[String],
    ) -> Result<Self::ComponentInstancePre<T>>;
}
