//! Owns `CoreWasmtime` and `Wasmtime`: the stable traits that every major implements.

use crate::component::{
    AsyncComponentFuncs, AsyncComponentInstances, ComponentFuncs, ComponentInstances, ComponentLinkerInstances,
    ComponentLinkers, ComponentResources, Components, DynamicFuncs,
};
use crate::core::{
    AnyRefs, AsyncDefinitions, AsyncExternRefs, AsyncExterns, AsyncFuncs, AsyncInstances, AsyncLinkers, AsyncMemories,
    AsyncTables, CoreDumps, Definitions, ExternRefs, Externs, Funcs, Globals, Instances, Linkers, Memories, Modules,
    SharedMemories, Tables, Tags,
};
use crate::engine::Engines;
use crate::proxies::Proxies;
use crate::report::RuntimeReport;
use crate::store::{AsyncStores, Stores, Wasi};

/// A Wasmtime major as far as core modules need it: engines, modules, stores, linkers, synchronous calls and memories.
///
/// Code that is generic over `W: CoreWasmtime` can use all types of this crate that do not need asynchronous calls, WASI
/// or components. Most hosts take [`Wasmtime`], which has these too.
///
/// The cargo features `wasmtime-NN-core`, `wasmtime-NN-cranelift` and `wasmtime-NN-winch` bring a major that is no more than
/// that: without a compiler, with Cranelift, and with Winch. Without a compiler a major runs what was compiled before
/// ([`Module::from_precompiled`](crate::Module::from_precompiled)), and compiling is
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported).
///
/// The trait is sealed. What a major does for each type of this crate is in a trait of its own; see
/// [`backend`](crate::backend).
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, CoreWasmtime, Engine, Linker, Module, Newest, Result, Store};
///
/// /// The number that the export `run` of a core module returns.
/// fn run<W: CoreWasmtime>(wasm: &[u8]) -> Result<i32> {
///     let engine = Engine::<W>::new(&Config::new())?;
///     let mut store = Store::new(&engine, ());
///     let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
///     instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ())
/// }
///
/// // (module (func (export "run") (result i32) i32.const 42))
/// let wasm = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03run\0\0\
///     \x0a\x06\x01\x04\0\x41\x2a\x0b";
/// assert_eq!(run::<Newest>(wasm)?, 42);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`",
    note = "`V18` belongs to the feature `wasmtime-18`, and so on; a group such as `lts` or `latest` turns on those in it; \
            `wasmtime-18-core`, `wasmtime-18-cranelift` and `wasmtime-18-winch` turn on core modules only"
)]
pub trait CoreWasmtime:
    Engines
    + Modules
    + Stores
    + Linkers
    + Instances
    + ExternRefs
    + AnyRefs
    + Funcs
    + Memories
    + SharedMemories
    + Externs
    + Globals
    + Tables
    + Tags
    + Definitions
    + CoreDumps
{
    /// The major version number.
    const MAJOR: u64;

    /// Exactly which Wasmtime this is, and what it hosts.
    fn report() -> RuntimeReport;
}

/// A Wasmtime major.
///
/// [`V24`](crate::V24), [`V48`](crate::V48) and so on implement it while their cargo feature is on. Code that is
/// generic over `W: Wasmtime` is written once and compiled for each major it is used with; it costs nothing over
/// calling that major directly, because every function beneath it is a static call to that major.
///
/// Programs use the types over this trait, [`Engine`](crate::Engine), [`Store`](crate::Store) and so on, which wrap
/// the associated types of the traits in [`backend`](crate::backend).
///
/// The trait is sealed.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Command, Engine, Newest, Oldest, Outcome, Result, RunConfig, Wasmtime};
///
/// /// Whether a command ends without an error.
/// fn succeeds<W: Wasmtime>(wasm: &[u8]) -> Result<bool> {
///     let run = RunConfig::new();
///     let engine = Engine::<W>::new(&run.engine_config())?;
///     Ok(matches!(Command::new(&engine, wasm)?.run(&run)?.outcome, Outcome::Exited(0)))
/// }
///
/// // (module (func (export "_start")))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x0a\x01\x06_start\0\0\x0a\x04\x01\x02\0\x0b";
/// assert!(succeeds::<Oldest>(wasm)? && succeeds::<Newest>(wasm)?);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`",
    note = "`V18` belongs to the feature `wasmtime-18`, and so on; a group such as `lts` or `latest` turns on those in it",
    note = "the features `wasmtime-18-core`, `wasmtime-18-cranelift` and `wasmtime-18-winch` turn on core modules and \
            synchronous calls only: with these, use code for `W: CoreWasmtime`"
)]
pub trait Wasmtime:
    CoreWasmtime
    + AsyncStores
    + AsyncLinkers
    + AsyncInstances
    + AsyncExternRefs
    + AsyncExterns
    + AsyncFuncs
    + AsyncMemories
    + AsyncTables
    + AsyncDefinitions
    + Components
    + ComponentLinkers
    + ComponentLinkerInstances
    + ComponentInstances
    + ComponentFuncs
    + DynamicFuncs
    + ComponentResources
    + AsyncComponentInstances
    + AsyncComponentFuncs
    + Wasi
    + Proxies
{
}
