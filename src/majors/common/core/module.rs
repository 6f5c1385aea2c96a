//! Compiled core modules.

use super::{V, compiler, error, images, precompiled, types, wasmtime};
use crate::backend::Modules;
use crate::core::ResourcesRequired;
use crate::engine::Image;
use crate::engine::mapped::TrustedFile;
use crate::engine::precompiled::TrustedCode;
use crate::error::Result;
use crate::{ExportType, ExternType, ImportType};

impl Modules for V {
    type Module = wasmtime::Module;
    type ModuleExport = wasmtime::ModuleExport;

    fn compile_module(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<wasmtime::Module> {
        compiler::compile_module(engine, wasm)
    }

    fn precompile_module(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>> {
        compiler::precompile_module(engine, wasm)
    }

    fn serialize_module(module: &wasmtime::Module) -> Result<Vec<u8>> {
        compiler::serialize_module(module)
    }

    fn load_module(engine: &wasmtime::Engine, code: TrustedCode<'_>) -> Result<wasmtime::Module> {
        precompiled::load_module(engine, code)
    }

    fn load_module_file(engine: &wasmtime::Engine, file: TrustedFile<'_>) -> Result<wasmtime::Module> {
        precompiled::load_module_file(engine, file)
    }

    fn validate_module(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<()> {
        wasmtime::Module::validate(engine, wasm).map_err(error::not_a_module)
    }

    fn module_engine(module: &wasmtime::Module) -> &wasmtime::Engine {
        module.engine()
    }

    fn module_image(module: &wasmtime::Module) -> Image {
        images::of_module(module)
    }

    fn module_name(module: &wasmtime::Module) -> Option<&str> {
        module.name()
    }

    fn module_imports(module: &wasmtime::Module) -> Vec<ImportType> {
        let imports = module.imports();
        imports.map(|raw| ImportType::new(raw.module(), raw.name(), types::extern_type(&raw.ty()))).collect()
    }

    fn module_exports(module: &wasmtime::Module) -> Vec<ExportType> {
        module.exports().map(|raw| ExportType::new(raw.name(), types::extern_type(&raw.ty()))).collect()
    }

    fn module_export_type(module: &wasmtime::Module, name: &str) -> Option<ExternType> {
        module.get_export(name).map(|raw| types::extern_type(&raw))
    }

    #[allow(clippy::useless_conversion, reason = "up to 25 the size of a table has 32 bits")]
    fn module_resources(module: &wasmtime::Module) -> ResourcesRequired {
        let raw = module.resources_required();
        ResourcesRequired {
            num_memories: raw.num_memories,
            max_initial_memory_size: raw.max_initial_memory_size,
            num_tables: raw.num_tables,
            max_initial_table_size: raw.max_initial_table_size.map(Into::into),
        }
    }

    fn module_export(module: &wasmtime::Module, name: &str) -> Option<wasmtime::ModuleExport> {
        module.get_export_index(name)
    }
}
