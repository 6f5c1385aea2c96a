//! Compiled components.

use super::{V, errors, precompiled, wasmtime};
use crate::backend::Components;
use crate::engine::precompiled::TrustedCode;
use crate::error::Result;

impl Components for V {
    type Component = wasmtime::component::Component;

    fn compile_component(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<wasmtime::component::Component> {
        wasmtime::component::Component::from_binary(engine, wasm).map_err(errors::not_a_component)
    }

    fn precompile_component(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>> {
        engine.precompile_component(wasm).map_err(errors::not_a_component)
    }

    fn load_component(engine: &wasmtime::Engine, code: TrustedCode<'_>) -> Result<wasmtime::component::Component> {
        precompiled::load(engine, code)
    }
}
