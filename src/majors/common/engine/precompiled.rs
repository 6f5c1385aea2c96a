//! Loading compiled modules. Only here and in the same file for components is Wasmtime's own API unsafe.
#![expect(unsafe_code, reason = "nobody can check machine code, so Wasmtime leaves that to its caller")]

use super::{error, wasmtime};
use crate::engine::mapped::TrustedFile;
use crate::engine::precompiled::TrustedCode;
use crate::error::Result;

pub(in super::super) fn load_module(engine: &wasmtime::Engine, code: TrustedCode<'_>) -> Result<wasmtime::Module> {
    // SAFETY: who made the `TrustedCode` vouched that `Engine::precompile` made these bytes. That they are of this
    // Wasmtime and kind was checked, and Wasmtime checks it again.
    unsafe { wasmtime::Module::deserialize(engine, code.bytes()) }.map_err(error::not_loaded)
}

pub(in super::super) fn load_module_file(engine: &wasmtime::Engine, file: TrustedFile<'_>) -> Result<wasmtime::Module> {
    // SAFETY: the maker of the `TrustedFile` vouched that `Precompiled::write_mappable` made this file and that it stays
    // as it is. That its code is of this Wasmtime and kind was checked, and Wasmtime checks it again.
    unsafe { wasmtime::Module::deserialize_file(engine, file.path()) }.map_err(error::not_loaded)
}
