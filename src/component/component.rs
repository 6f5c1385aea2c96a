//! Owns `Component`: compiled components.

use std::path::Path;
use std::sync::Arc;

use super::{ComponentExportIndex, export, types};
use crate::command::{AdapterWarning, Flaws};
use crate::engine::precompiled::TrustedCode;
use crate::engine::{Engine, Engines, Image, Precompiled, Trusted};
use crate::error::Result;
use crate::guest::{self, Guest, GuestKind};
use crate::handle::handle;
use crate::wasi::WasiConfig;

/// A compiled component. Cloning it is cheap.
///
/// ```
/// use wasmtime_compat::component::{Component, Linker};
/// use wasmtime_compat::{Config, Engine, Result, Store, Wasmtime};
///
/// fn greeting<W: Wasmtime>(wasm: &[u8], name: &str) -> Result<String> {
///     let engine = Engine::<W>::new(&Config::new())?;
///     let component = Component::new(&engine, wasm)?;
///     let mut store = Store::new(&engine, ());
///     let instance = Linker::new(&engine).instantiate(&mut store, &component)?;
///     let greet = instance.get_typed_func::<(&str,), (String,)>(&mut store, "greet")?;
///     Ok(greet.call(&mut store, (name,))?.0)
/// }
/// ```
pub struct Component<W: Components> {
    raw: W::Component,
    engine: Engine<W>,
    pub(super) imports: Arc<[String]>,
    /// `None` if the component was made with the major itself.
    pub(crate) exports: Option<Arc<[String]>>,
    pub(super) flaws: Flaws,
}

impl<W: Components> Component<W> {
    /// Compiles a component from its binary form, or, with the cargo feature `wat`, from the text format.
    ///
    /// # Errors
    /// [`ErrorKind::WrongGuestKind`](crate::ErrorKind::WrongGuestKind) for a core module,
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) for anything else that is not a component this
    /// major accepts.
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if compiling it would take too much, unless
    /// [`Config::allow_complex_guests`](crate::Config::allow_complex_guests) is set.
    pub fn new(engine: &Engine<W>, bytes: impl AsRef<[u8]>) -> Result<Self> {
        let wasm = guest::binary(bytes.as_ref())?;
        GuestKind::Component.expect(&wasm)?;
        Self::compile(engine, &wasm, || Guest::parse(&wasm).map_err(Into::into))
    }

    /// As [`Component::new`], for the contents of a file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be read; otherwise as [`Component::new`].
    pub fn from_file(engine: &Engine<W>, path: impl AsRef<Path>) -> Result<Self> {
        Self::new(engine, guest::read(path.as_ref())?)
    }

    /// As [`Component::new`], for a guest whose outermost level was read before.
    pub(crate) fn of_guest(engine: &Engine<W>, wasm: &[u8], guest: &Guest) -> Result<Self> {
        Self::compile(engine, wasm, || Ok(guest.clone()))
    }

    /// Takes the component from the cache of the engine, or compiles it.
    fn compile(engine: &Engine<W>, wasm: &[u8], guest: impl FnOnce() -> Result<Guest>) -> Result<Self> {
        let load = |code: &Trusted<'_>| Self::from_precompiled(engine, code);
        if let Some(cached) = engine.cached(wasm, || engine.precompile_component(wasm), load) {
            return cached;
        }
        let (wasm, adapters) = engine.check_component(wasm)?;
        let flaws = Flaws::of(&adapters);
        let Guest { imports, exports, .. } = guest()?;
        let raw = W::compile_component(engine.as_raw(), &wasm)?;
        Ok(Self { raw, engine: engine.clone(), imports: imports.into(), exports: Some(exports.into()), flaws })
    }

    /// Loads a precompiled component. It is guarded against the adapters in it as it would be if compiled now.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if it was made for another Wasmtime or other settings;
    /// [`ErrorKind::WrongGuestKind`](crate::ErrorKind::WrongGuestKind) for a core module.
    pub fn from_precompiled(engine: &Engine<W>, precompiled: &Trusted<'_>) -> Result<Self> {
        let code = precompiled.code(engine, GuestKind::Component)?;
        let Precompiled { guest, adapter_warnings, .. } = precompiled.precompiled();
        Ok(Self {
            raw: W::load_component(engine.as_raw(), code)?,
            engine: engine.clone(),
            imports: guest.imports.clone().into(),
            exports: Some(guest.exports.clone().into()),
            flaws: Flaws::known(adapter_warnings),
        })
    }

    /// The compiled component as bytes, which [`Component::from_precompiled`] loads; those of
    /// [`Engine::precompile_component`] without compiling again.
    ///
    /// ```
    /// use wasmtime_compat::component::Component;
    /// use wasmtime_compat::{Precompiled, Result, Wasmtime};
    ///
    /// fn exports<W: Wasmtime>(component: &Component<W>) -> Result<Vec<String>> {
    ///     Ok(Precompiled::parse(&component.serialize()?)?.guest.exports)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Other`](crate::ErrorKind::Other) if Wasmtime fails.
    pub fn serialize(&self) -> Result<Vec<u8>> {
        let code = W::serialize_component(&self.raw)?;
        let guest = Guest::new(
            GuestKind::Component,
            self.imports.to_vec(),
            self.exports.as_deref().unwrap_or_default().to_vec(),
        );
        Ok(self.engine.written(guest, &code, &self.flaws))
    }

    /// Known flaws of the adapters in it that it can reach.
    pub fn adapter_warnings(&self) -> &[AdapterWarning] {
        self.flaws.warnings()
    }

    /// Known flaws of the adapters in it that it can reach in an instance with this world. Those that only show with
    /// long or many strings are among them if they show, with the string: the adapter aborts the guest as soon as the
    /// guest asks for its arguments, its environment or its preopens. Preopens that may be left out count as if they
    /// were not.
    pub fn adapter_warnings_in(&self, wasi: &WasiConfig) -> Vec<AdapterWarning> {
        self.flaws.in_run(wasi)
    }

    /// The type of the component: its imports and exports.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) up to 19.
    pub fn component_type(&self) -> Result<types::Component> {
        W::component_type(&self.raw, self.engine.as_raw())
    }

    /// The place of an export in every instance of the component: at the root for `None`, otherwise in the instance at that
    /// place. If the root has no export of this name, but a compatible version of the same interface, that is it, on every major. Up to
    /// 22 the index is the path of names; 18 and 19 do not look whether the component has the export, so that it is the instance that
    /// misses it.
    pub fn get_export_index(
        &self,
        instance: Option<&ComponentExportIndex<W>>,
        name: &str,
    ) -> Option<ComponentExportIndex<W>> {
        let parent = instance.map(ComponentExportIndex::as_raw);
        let name =
            if parent.is_none() { export::compatible(self.exports.as_deref().unwrap_or_default(), name) } else { name };
        W::component_export_index(&self.raw, self.engine.as_raw(), parent, name).map(ComponentExportIndex::from_raw)
    }

    /// The engine that the component was compiled with.
    pub fn engine(&self) -> &Engine<W> {
        &self.engine
    }

    /// Wraps a component made with the major itself; `engine` must be the one it was made with. The imports of the component are
    /// not known then, so a missing import is not named in [`Error::missing_import`](crate::Error::missing_import), only in the
    /// text; nor are its adapters, so the component is not refused for them.
    pub fn from_raw(engine: &Engine<W>, raw: W::Component) -> Self {
        Self { raw, engine: engine.clone(), imports: Arc::default(), exports: None, flaws: Flaws::default() }
    }
}

handle! { [W: Components] Component[W] wraps W::Component, { engine, imports, exports, flaws } }

/// Components of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Components: Engines {
    /// `wasmtime::component::Component`.
    type Component: Clone + Send + Sync + 'static;
    /// `wasmtime::component::ComponentExportIndex`; up to 22 a type of this crate.
    type ComponentExportIndex: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn compile_component(engine: &Self::Engine, wasm: &[u8]) -> Result<Self::Component>;
    #[doc(hidden)]
    fn precompile_component(engine: &Self::Engine, wasm: &[u8]) -> Result<Vec<u8>>;
    #[doc(hidden)]
    fn serialize_component(component: &Self::Component) -> Result<Vec<u8>>;
    #[doc(hidden)]
    fn load_component(engine: &Self::Engine, code: TrustedCode<'_>) -> Result<Self::Component>;
    #[doc(hidden)]
    fn component_type(component: &Self::Component, engine: &Self::Engine) -> Result<types::Component>;
    #[doc(hidden)]
    fn component_image(component: &Self::Component) -> Result<Image>;
    #[doc(hidden)]
    fn component_export_index(
        component: &Self::Component,
        engine: &Self::Engine,
        parent: Option<&Self::ComponentExportIndex>,
        name: &str,
    ) -> Option<Self::ComponentExportIndex>;
}
