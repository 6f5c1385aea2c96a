//! Compiled components.

use super::{MAJOR, V, component_images, error, errors, exports, linker, precompiled, reflection, types, wasmtime};
use crate::backend::Components;
use crate::component;
use crate::engine::Image;
use crate::engine::precompiled::TrustedCode;
use crate::error::{Error, ErrorKind, Result, Unsupported};

impl Components for V {
    type Component = wasmtime::component::Component;
    type ComponentExportIndex = exports::ExportIndex;

    fn compile_component(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<wasmtime::component::Component> {
        wasmtime::component::Component::from_binary(engine, wasm).map_err(errors::not_a_component)
    }

    fn precompile_component(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>> {
        engine.precompile_component(wasm).map_err(errors::not_a_component)
    }

    fn serialize_component(component: &wasmtime::component::Component) -> Result<Vec<u8>> {
        component.serialize().map_err(|raw| error::classify(raw, ErrorKind::Other, "cannot serialize the component"))
    }

    fn load_component(engine: &wasmtime::Engine, code: TrustedCode<'_>) -> Result<wasmtime::component::Component> {
        precompiled::load(engine, code)
    }

    fn component_image(component: &wasmtime::component::Component) -> Result<Image> {
        component_images::of_component(component).map_err(|since| {
            let what = "profiles of components".to_owned();
            Error::from_unsupported(Unsupported { since: Some(since), ..Unsupported::new(what, MAJOR) })
        })
    }

    fn component_type(
        component: &wasmtime::component::Component,
        engine: &wasmtime::Engine,
    ) -> Result<component::types::Component> {
        match reflection::component_type(component) {
            Some(ty) => Ok(types::component(ty, engine)),
            None => Err(linker::unsupported("types of components", 20)),
        }
    }

    fn component_export_index(
        component: &wasmtime::component::Component,
        engine: &wasmtime::Engine,
        parent: Option<&exports::ExportIndex>,
        name: &str,
    ) -> Option<exports::ExportIndex> {
        exports::in_component(component, engine, parent, name)
    }
}
