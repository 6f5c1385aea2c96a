//! Loading compiled components.
#![expect(unsafe_code, reason = "nobody can check machine code, so Wasmtime leaves that to its caller")]

use super::{error, wasmtime};
use crate::engine::precompiled::TrustedCode;
use crate::error::Result;

pub(super) fn load(engine: &wasmtime::Engine, code: TrustedCode<'_>) -> Result<wasmtime::component::Component> {
    // SAFETY: the maker of the `TrustedCode` vouched that `Engine::precompile` made these bytes. That they are of this
    // Wasmtime and kind was checked, and Wasmtime checks it again.
    unsafe { wasmtime::component::Component::deserialize(engine, code.bytes()) }.map_err(error::not_loaded)
}
