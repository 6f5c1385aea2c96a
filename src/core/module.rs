//! Owns `Module`: compiled core modules.

use std::fmt;

use crate::engine::Engine;
use crate::error::Result;
use crate::guest::GuestKind;
use crate::precompiled::Trusted;
use crate::wasmtime::Wasmtime;

/// A compiled core module. Cloning it is cheap.
pub struct Module<W: Wasmtime> {
    raw: W::Module,
}

impl<W: Wasmtime> Module<W> {
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

    /// Wraps a module made with the major itself.
    pub fn from_raw(raw: W::Module) -> Self {
        Self { raw }
    }

    /// The major's own module.
    pub fn as_raw(&self) -> &W::Module {
        &self.raw
    }

    /// The major's own module, and nothing else.
    pub fn into_raw(self) -> W::Module {
        self.raw
    }
}

impl<W: Wasmtime> Clone for Module<W> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone() }
    }
}

impl<W: Wasmtime> fmt::Debug for Module<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").field("major", &W::MAJOR).finish_non_exhaustive()
    }
}
