//! Compiled core modules.

use super::{V, compiler, precompiled, wasmtime};
use crate::backend::Modules;
use crate::engine::precompiled::TrustedCode;
use crate::error::Result;

impl Modules for V {
    type Module = wasmtime::Module;
    type ModuleExport = wasmtime::ModuleExport;

    fn compile_module(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<wasmtime::Module> {
        compiler::compile_module(engine, wasm)
    }

    fn precompile_module(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>> {
        compiler::precompile_module(engine, wasm)
    }

    fn load_module(engine: &wasmtime::Engine, code: TrustedCode<'_>) -> Result<wasmtime::Module> {
        precompiled::load_module(engine, code)
    }

    fn module_exports(module: &wasmtime::Module) -> Vec<String> {
        module.exports().map(|export| export.name().to_owned()).collect()
    }

    fn module_export(module: &wasmtime::Module, name: &str) -> Option<wasmtime::ModuleExport> {
        module.get_export_index(name)
    }
}
