//! Owns what a guest imports of the interfaces that a host adds beside WASI, and the refusal of a run that lacks them.

use super::MissingImport;
use crate::component::Linker;
use crate::error::{Error, Result};
use crate::guest::Guest;
use crate::wasi::WasiConfig;
use crate::wasmtime::Wasmtime;

/// The first import of `wasi:config`, and that of `wasi:keyvalue`.
pub(crate) struct Extras {
    config: Option<String>,
    keyvalue: Option<String>,
}

impl Extras {
    pub(crate) fn of(guest: &Guest) -> Self {
        let import = |package: &str| guest.imports.iter().find(|import| import.starts_with(package)).cloned();
        Self { config: import("wasi:config/"), keyvalue: import("wasi:keyvalue/") }
    }

    /// Links what the guest imports: which run has them is known later.
    pub(crate) fn link<W: Wasmtime>(&self, linker: &mut Linker<W, ()>) -> Result<()> {
        if self.config.is_some() {
            linker.add_wasi_config()?;
        }
        if self.keyvalue.is_some() {
            linker.add_wasi_keyvalue()?;
        }
        Ok(())
    }

    /// Refuses a run whose configuration does not have what the guest imports.
    pub(crate) fn expect(&self, config: &WasiConfig, major: u64) -> Result<()> {
        let config_is_missing = self.config.as_ref().filter(|_| config.variables.is_none());
        let values_are_missing = self.keyvalue.as_ref().filter(|_| config.values.is_none());
        match config_is_missing.or(values_are_missing) {
            Some(name) => Err(Error::from_missing_import(MissingImport::new(name.clone(), major), major)),
            None => Ok(()),
        }
    }
}
