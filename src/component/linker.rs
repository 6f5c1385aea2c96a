//! Owns `Linker`: what components import.

use super::{Component, ComponentInstances, InstancePre};
use crate::bounds::Data;
use crate::engine::Engine;
use crate::error::Result;
use crate::handle::handle;
use crate::store::StoreContextMut;
use crate::wasmtime::Wasmtime;
use crate::{ComponentLift, ComponentLower};

/// Interfaces and host functions that components can import.
pub struct Linker<W: Wasmtime, T: Data> {
    raw: W::ComponentLinker<T>,
    is_async: bool,
    raw_wasi: bool,
    has_wasi: bool,
}

impl<W: Wasmtime, T: Data> Linker<W, T> {
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

impl<W: Wasmtime, T: Data + Send> Linker<W, T> {
    /// Adds the `wasi:cli` world, blocking or async as the engine is.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if one of its names is taken.
    pub fn add_wasi(&mut self) -> Result<()> {
        self.has_wasi = true;
        W::link_component_wasi(&mut self.raw, self.is_async, self.raw_wasi)
    }
}

handle! { [W: Wasmtime, T: Data] Linker[W, T] wraps W::ComponentLinker<T>, { is_async, raw_wasi, has_wasi } }

/// Linkers for components of a major.
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
