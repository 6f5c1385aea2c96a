//! Owns `Module`: compiled core modules.

use std::path::Path;
use std::sync::Arc;

use super::{ExportType, ExternType, ImportType};
use crate::engine::mapped::TrustedFile;
use crate::engine::precompiled::TrustedCode;
use crate::engine::{Engine, Engines, Image, Trusted};
use crate::error::Result;
use crate::guest::{self, GuestKind};
use crate::handle::handle;

/// A compiled core module. Cloning it is cheap.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Module, Newest};
///
/// // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
/// let wasm = b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let module = Module::new(&engine, wasm)?;
/// for export in module.exports() {
///     assert_eq!(format!("{} {}", export.name(), export.ty()), "add (func (param i32 i32) (result i32))");
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Module<W: Modules> {
    raw: W::Module,
    engine: Engine<W>,
}

/// The place of an export in a [`Module`], with which an instance finds the export without its name; see
/// [`Module::get_export_index`].
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store};
///
/// // (module (memory (export "memory") 1))
/// let wasm = b"\0asm\x01\0\0\0\x05\x03\x01\0\x01\x07\x0a\x01\x06memory\x02\0";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let module = Module::new(&engine, wasm)?;
/// let place = module.get_export_index("memory").expect("the module exports a memory");
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
/// let memory = instance.get_module_export(&mut store, &place).and_then(|export| export.into_memory());
/// assert_eq!(memory.map(|memory| memory.size(&store)), Some(1));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct ModuleExport<W: Modules> {
    raw: W::ModuleExport,
    /// Not there if the place was found with the major itself.
    name: Option<Arc<str>>,
}

/// The memories and tables that a module defines; see [`Module::resources_required`].
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Module, Newest};
///
/// // (module (table 5 funcref) (memory 2))
/// let wasm = b"\0asm\x01\0\0\0\x04\x04\x01\x70\0\x05\x05\x03\x01\0\x02";
/// let required = Module::new(&Engine::<Newest>::new(&Config::new())?, wasm)?.resources_required();
/// assert_eq!((required.num_memories, required.max_initial_memory_size), (1, Some(2)));
/// assert_eq!((required.num_tables, required.max_initial_table_size), (1, Some(5)));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct ResourcesRequired {
    /// The number of memories that the module defines.
    pub num_memories: u32,
    /// The greatest of the initial sizes of these memories, in pages.
    pub max_initial_memory_size: Option<u64>,
    /// The number of tables that the module defines.
    pub num_tables: u32,
    /// The greatest of the initial sizes of these tables, in elements.
    pub max_initial_table_size: Option<u64>,
}

impl<W: Modules> Module<W> {
    /// Compiles a core module from its binary form, or, with the cargo feature `wat`, from the text format.
    ///
    /// # Errors
    /// [`ErrorKind::WrongGuestKind`](crate::ErrorKind::WrongGuestKind) for a component,
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) for anything else that is not a module this major
    /// accepts. Text is refused on every major without the feature `wat`; with it, the error names the line and the column.
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if compiling it would take too much, unless
    /// [`Config::allow_complex_guests`](crate::Config::allow_complex_guests) is set;
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if it makes a memory that threads share, unless
    /// [`Config::shared_memory`](crate::Config::shared_memory) is on.
    pub fn new(engine: &Engine<W>, bytes: impl AsRef<[u8]>) -> Result<Self> {
        Self::of_binary(engine, &guest::binary(bytes.as_ref())?)
    }

    fn of_binary(engine: &Engine<W>, wasm: &[u8]) -> Result<Self> {
        GuestKind::Module.expect(wasm)?;
        let load = |code: &Trusted<'_>| Self::from_precompiled(engine, code);
        if let Some(cached) = engine.cached(wasm, || engine.precompile_module(wasm), load) {
            return cached;
        }
        let wasm = engine.check_module(wasm)?;
        Ok(Self::in_engine(W::compile_module(engine.as_raw(), &wasm)?, engine))
    }

    /// As [`Module::new`], for the contents of a file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be read; otherwise as [`Module::new`].
    pub fn from_file(engine: &Engine<W>, path: impl AsRef<Path>) -> Result<Self> {
        Self::new(engine, guest::read(path.as_ref())?)
    }

    /// Loads a precompiled core module.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if it was made for another Wasmtime or other settings;
    /// [`ErrorKind::WrongGuestKind`](crate::ErrorKind::WrongGuestKind) for a component.
    pub fn from_precompiled(engine: &Engine<W>, precompiled: &Trusted<'_>) -> Result<Self> {
        let code = precompiled.code(engine, GuestKind::Module)?;
        Ok(Self::in_engine(W::load_module(engine.as_raw(), code)?, engine))
    }

    /// Checks that [`Module::new`] would accept these bytes, without compiling them.
    ///
    /// # Errors
    /// As [`Module::new`].
    pub fn validate(engine: &Engine<W>, bytes: impl AsRef<[u8]>) -> Result<()> {
        let wasm = guest::binary(bytes.as_ref())?;
        GuestKind::Module.expect(&wasm)?;
        let wasm = engine.check_module(&wasm)?;
        W::validate_module(engine.as_raw(), &wasm)
    }

    pub(crate) fn in_engine(raw: W::Module, engine: &Engine<W>) -> Self {
        Self { raw, engine: engine.clone() }
    }

    /// Wraps the major's own module. [`Module::engine`] is then the newest [`Engine`] that wraps the module's engine; if there is
    /// none, it is a synchronous one with default values.
    pub fn from_raw(raw: W::Module) -> Self {
        let engine = Engine::of_raw(W::module_engine(&raw), false);
        Self { raw, engine }
    }

    /// The engine that the module was compiled or loaded with.
    pub fn engine(&self) -> &Engine<W> {
        &self.engine
    }

    /// The name of the module, if its section `name` has one.
    pub fn name(&self) -> Option<&str> {
        W::module_name(&self.raw)
    }

    /// The imports with their types, in the order in which the module declares the imports.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType> + use<W> {
        W::module_imports(&self.raw).into_iter()
    }

    /// The exports with their types.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType> + use<W> {
        W::module_exports(&self.raw).into_iter()
    }

    /// The type of an export, if there is one of that name.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        W::module_export_type(&self.raw, name)
    }

    /// The place of an export, if there is one of that name: [`Instance::get_module_export`](crate::Instance) finds the
    /// export by its place faster than by its name.
    pub fn get_export_index(&self, name: &str) -> Option<ModuleExport<W>> {
        self.export(name).map(|raw| ModuleExport { raw, name: Some(name.into()) })
    }

    /// The memories and tables that the module defines, with their initial sizes. What the module imports does not count.
    pub fn resources_required(&self) -> ResourcesRequired {
        W::module_resources(&self.raw)
    }

    /// The export of this name, for repeated look-ups.
    pub(crate) fn export(&self, name: &str) -> Option<W::ModuleExport> {
        W::module_export(&self.raw, name)
    }
}

handle! { [W: Modules] Module[W] wraps W::Module, { engine } }
handle! { [W: Modules] ModuleExport[W] wraps W::ModuleExport, { name } }

impl<W: Modules> ModuleExport<W> {
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Wraps the major's own place. It has no name, which [`Caller::get_module_export`](crate::Caller::get_module_export) needs up
    /// to 26.
    pub fn from_raw(raw: W::ModuleExport) -> Self {
        Self { raw, name: None }
    }
}

/// Core modules of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Modules: Engines {
    /// `wasmtime::Module`.
    type Module: Clone + Send + Sync + 'static;
    /// `wasmtime::ModuleExport`.
    type ModuleExport: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn compile_module(engine: &Self::Engine, wasm: &[u8]) -> Result<Self::Module>;
    #[doc(hidden)]
    fn precompile_module(engine: &Self::Engine, wasm: &[u8]) -> Result<Vec<u8>>;
    #[doc(hidden)]
    fn serialize_module(module: &Self::Module) -> Result<Vec<u8>>;
    #[doc(hidden)]
    fn load_module(engine: &Self::Engine, code: TrustedCode<'_>) -> Result<Self::Module>;
    #[doc(hidden)]
    fn load_module_file(engine: &Self::Engine, file: TrustedFile<'_>) -> Result<Self::Module>;
    #[doc(hidden)]
    fn validate_module(engine: &Self::Engine, wasm: &[u8]) -> Result<()>;
    #[doc(hidden)]
    fn module_engine(module: &Self::Module) -> &Self::Engine;
    #[doc(hidden)]
    fn module_name(module: &Self::Module) -> Option<&str>;
    #[doc(hidden)]
    fn module_image(module: &Self::Module) -> Image;
    #[doc(hidden)]
    fn module_imports(module: &Self::Module) -> Vec<ImportType>;
    #[doc(hidden)]
    fn module_exports(module: &Self::Module) -> Vec<ExportType>;
    #[doc(hidden)]
    fn module_export_type(module: &Self::Module, name: &str) -> Option<ExternType>;
    #[doc(hidden)]
    fn module_resources(module: &Self::Module) -> ResourcesRequired;
    #[doc(hidden)]
    fn module_export(module: &Self::Module, name: &str) -> Option<Self::ModuleExport>;
}
