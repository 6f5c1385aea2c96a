//! Compiled code as bytes, there and back. Only here is Wasmtime's own API unsafe.
#![expect(unsafe_code, reason = "nobody can check machine code, so Wasmtime leaves that to its caller")]

use super::{error, wasmtime};
use crate::error::{ErrorKind, Result};
use crate::precompiled::TrustedCode;

const NOT_A_MODULE: &str = "not a valid module";
const NOT_A_COMPONENT: &str = "not a valid component";
const NOT_LOADED: &str = "cannot load the precompiled guest";

pub(super) fn module(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>> {
    engine.precompile_module(wasm).map_err(|raw| error::classify(raw, ErrorKind::InvalidGuest, NOT_A_MODULE))
}

pub(super) fn component(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>> {
    engine.precompile_component(wasm).map_err(|raw| error::classify(raw, ErrorKind::InvalidGuest, NOT_A_COMPONENT))
}

pub(super) fn load_module(engine: &wasmtime::Engine, code: TrustedCode<'_>) -> Result<wasmtime::Module> {
    // SAFETY: who made the `TrustedCode` vouched that `Engine::precompile` made these bytes, which `module` above
    // serialized; that they are of this Wasmtime and kind was checked, and Wasmtime checks it again.
    unsafe { wasmtime::Module::deserialize(engine, code.bytes()) }
        .map_err(|raw| error::classify(raw, ErrorKind::Mismatch, NOT_LOADED))
}

pub(super) fn load_component(
    engine: &wasmtime::Engine,
    code: TrustedCode<'_>,
) -> Result<wasmtime::component::Component> {
    // SAFETY: as for modules; `component` above serialized them.
    unsafe { wasmtime::component::Component::deserialize(engine, code.bytes()) }
        .map_err(|raw| error::classify(raw, ErrorKind::Mismatch, NOT_LOADED))
}
