//! Loading compiled code. Only here is Wasmtime's own API unsafe.
#![expect(unsafe_code, reason = "nobody can check machine code, so Wasmtime leaves that to its caller")]

use super::{error, wasmtime};
use crate::error::Result;
use crate::precompiled::TrustedCode;

pub(super) fn load_module(engine: &wasmtime::Engine, code: TrustedCode<'_>) -> Result<wasmtime::Module> {
    // SAFETY: who made the `TrustedCode` vouched that `Engine::precompile` made these bytes. That they are of this
    // Wasmtime and kind was checked, and Wasmtime checks it again.
    unsafe { wasmtime::Module::deserialize(engine, code.bytes()) }.map_err(error::not_loaded)
}

pub(super) fn load_component(
    engine: &wasmtime::Engine,
    code: TrustedCode<'_>,
) -> Result<wasmtime::component::Component> {
    // SAFETY: as for modules.
    unsafe { wasmtime::component::Component::deserialize(engine, code.bytes()) }.map_err(error::not_loaded)
}
