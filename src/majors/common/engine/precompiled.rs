//! Loading compiled modules. Only here and in the same file for components is Wasmtime's own API unsafe.
#![expect(unsafe_code, reason = "nobody can check machine code, so Wasmtime leaves that to its caller")]

use super::{error, wasmtime};
use crate::engine::precompiled::TrustedCode;
use crate::error::Result;

pub(in super::super) fn load_module(engine: &wasmtime::Engine, code: TrustedCode<'_>) -> Result<wasmtime::Module> {
    // SAFETY: who made the `TrustedCode` vouched that `Engine::precompile` made these bytes. That they are of this
    // Wasmtime and kind was checked, and Wasmtime checks it again.
    unsafe { wasmtime::Module::deserialize(engine, code.bytes()) }.map_err(error::not_loaded)
}
