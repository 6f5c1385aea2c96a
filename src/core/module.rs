//! Owns `Module`: compiled core modules.

use crate::engine::precompiled::TrustedCode;
use crate::engine::{Engine, Engines, Trusted};
use crate::error::Result;
use crate::guest::GuestKind;
use crate::handle::handle;

/// A compiled core module. Cloning it is cheap.
pub struct Module<W: Modules> {
    raw: W::Module,
}

impl<W: Modules> Module<W> {
    /// Compiles a core module from its binary form.
    ///
    /// # Errors
    /// [`ErrorKind::WrongGuestKind`](crate::ErrorKind::WrongGuestKind) for a component,
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) for anything else that is not a module this major
    /// accepts; text is refused on every major.
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if compiling it would take too much, unless
    /// [`Config::allow_complex_guests`](crate::Config::allow_complex_guests) is set.
    pub fn new(engine: &Engine<W>, wasm: &[u8]) -> Result<Self> {
        GuestKind::Module.expect(wasm)?;
        engine.check_complexity(wasm)?;
        Ok(Self { raw: W::compile_module(engine.as_raw(), wasm)? })
    }

    /// Loads a precompiled core module.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if it was made for another Wasmtime or other settings;
    /// [`ErrorKind::WrongGuestKind`](crate::ErrorKind::WrongGuestKind) for a component.
    pub fn from_precompiled(engine: &Engine<W>, precompiled: &Trusted<'_>) -> Result<Self> {
        let code = precompiled.code(engine, GuestKind::Module)?;
        Ok(Self { raw: W::load_module(engine.as_raw(), code)? })
    }

    /// The names of its exports.
    pub fn exports(&self) -> Vec<String> {
        W::module_exports(&self.raw)
    }

    /// The export of this name, for repeated look-ups.
    pub(crate) fn export(&self, name: &str) -> Option<W::ModuleExport> {
        W::module_export(&self.raw, name)
    }
}

handle! { [W: Modules] Module[W] is W::Module, Clone }

/// Core modules of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Modules: Engines {
    /// `wasmtime::Module`.
    type Module: Clone + Send + Sync + 'static;
    /// `wasmtime::ModuleExport`.
    type ModuleExport: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn compile_module(engine: &Self::Engine, wasm: &[u8]) -> Result<Self::Module>;
    #[doc(hidden)]
    fn precompile_module(engine: &Self::Engine, wasm: &[u8]) -> Result<Vec<u8>>;
    #[doc(hidden)]
    fn load_module(engine: &Self::Engine, code: TrustedCode<'_>) -> Result<Self::Module>;
    #[doc(hidden)]
    fn module_exports(module: &Self::Module) -> Vec<String>;
    #[doc(hidden)]
    fn module_export(module: &Self::Module, name: &str) -> Option<Self::ModuleExport>;
}
