//! Owns `Linker`: what components import.

use super::{Component, ComponentInstances, InstancePre};
use crate::bounds::Data;
use crate::engine::Engine;
use crate::error::Result;
use crate::handle::handle;
use crate::store::StoreContextMut;
use crate::{ComponentLift, ComponentLower};

/// Interfaces and host functions that components can import.
pub struct Linker<W: ComponentLinkers, T: Data> {
    pub(crate) raw: W::ComponentLinker<T>,
    pub(crate) is_async: bool,
    pub(crate) raw_wasi: bool,
    pub(crate) has_wasi: bool,
}

impl<W: ComponentLinkers, T: Data> Linker<W, T> {
    /// An empty linker.
    pub fn new(engine: &Engine<W>) -> Self {
        Self {
            raw: W::new_component_linker(engine.as_raw()),
            is_async: engine.is_async(),
            raw_wasi: engine.raw_wasi(),
            has_wasi: false,
        }
    }

    /// Adds a host function to the interface, or to the root for `None`. Parameters and results are tuples.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if the name is taken or malformed.
    pub fn func_wrap<P, R, F>(&mut self, interface: Option<&str>, name: &str, func: F) -> Result<()>
    where
        P: ComponentLift,
        R: ComponentLower + 'static,
        F: Fn(StoreContextMut<'_, W, T>, P) -> anyhow::Result<R> + Send + Sync + 'static,
    {
        W::component_func_wrap(&mut self.raw, interface, name, move |raw: W::StoreContextMut<'_, T>, params: P| {
            func(StoreContextMut { raw }, params)
        })
    }

    /// Looks up and type-checks a component's imports.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link); [`Error::missing_import`](crate::Error::missing_import) names
    /// the import, with the guest's and the host's WASI version.
    pub fn instantiate_pre(&self, component: &Component<W>) -> Result<InstancePre<W, T>> {
        let raw = W::component_instantiate_pre(&self.raw, component.as_raw(), &component.imports)?;
        Ok(InstancePre { raw, has_wasi: self.has_wasi, flaws: component.flaws.clone() })
    }

    /// Wraps a linker made with the major itself; `engine` must be the one it was made with.
    pub fn from_raw(engine: &Engine<W>, raw: W::ComponentLinker<T>) -> Self {
        Self { raw, is_async: engine.is_async(), raw_wasi: engine.raw_wasi(), has_wasi: true }
    }

    /// The major's own linker, mutably. If WASI is added through it, synchronous calls inside an async task panic as
    /// they do with the major itself; [`Linker::add_wasi`] makes that an error.
    pub fn as_raw_mut(&mut self) -> &mut W::ComponentLinker<T> {
        &mut self.raw
    }
}

handle! { [W: ComponentLinkers, T: Data] Linker[W, T] wraps W::ComponentLinker<T>, { is_async, raw_wasi, has_wasi } }

/// Linkers for components of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait ComponentLinkers: ComponentInstances {
    /// `wasmtime::component::Linker<StoreData<T>>`.
    type ComponentLinker<T: Data>: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn new_component_linker<T: Data>(engine: &Self::Engine) -> Self::ComponentLinker<T>;
    #[doc(hidden)]
    fn component_func_wrap<T, P, R, F>(
        linker: &mut Self::ComponentLinker<T>,
        interface: Option<&str>,
        name: &str,
        func: F,
    ) -> Result<()>
    where
        T: Data,
        P: ComponentLift,
        R: ComponentLower + 'static,
        F: Fn(Self::StoreContextMut<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static;
    #[doc(hidden)]
    fn component_instantiate_pre<T: Data>(
        linker: &Self::ComponentLinker<T>,
        component: &Self::Component,
        imports: &[String],
    ) -> Result<Self::ComponentInstancePre<T>>;
}
