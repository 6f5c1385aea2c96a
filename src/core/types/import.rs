//! Imports and exports of modules.

use super::ExternType;

/// An import of a module; see [`Module::imports`](crate::Module::imports).
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Module, Newest};
///
/// // (module (import "host" "f" (func)))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x0a\x01\x04host\x01f\0\0";
/// let module = Module::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
/// let import = module.imports().next().expect("the module has an import");
/// assert_eq!((import.module(), import.name()), ("host", "f"));
/// assert_eq!(import.ty().to_string(), "(func)");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ImportType {
    module: String,
    name: String,
    ty: ExternType,
}

/// An export of a module; see [`Module::exports`](crate::Module::exports).
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Module, Newest};
///
/// // (module (memory (export "memory") 1))
/// let wasm = b"\0asm\x01\0\0\0\x05\x03\x01\0\x01\x07\x0a\x01\x06memory\x02\0";
/// let module = Module::new(&Engine::<Newest>::new(&Config::new())?, wasm)?;
/// let export = module.exports().next().expect("the module has an export");
/// assert_eq!(export.name(), "memory");
/// assert_eq!(export.ty().memory().map(|ty| ty.minimum()), Some(1));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ExportType {
    name: String,
    ty: ExternType,
}

impl ImportType {
    pub(crate) fn new(module: &str, name: &str, ty: ExternType) -> Self {
        Self { module: module.to_owned(), name: name.to_owned(), ty }
    }

    /// The name of the module that it is imported from.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The name within that module.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of what is imported.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

impl ExportType {
    pub(crate) fn new(name: &str, ty: ExternType) -> Self {
        Self { name: name.to_owned(), ty }
    }

    /// The name of the export.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of what is exported.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}
