//! Write a Wasmtime host once and run it on any Wasmtime major.
//!
//! Each supported major is a cargo feature, `wasmtime-NN`; any set of them works together. Host code is generic over
//! [`Wasmtime`], or picks a major at run time with [`by_major`]. With no major selected the crate still checks preopens
//! ([`wasi::Preopens`]) and reads guests ([`Guest`], [`report::GuestReport`]).
//!
//! The [`guide`] explains how to choose majors, how to move a host in, and what this crate adds to Wasmtime.
//!
//! `wasmtime-NN` turns on all of a major. `wasmtime-NN-core`, `wasmtime-NN-cranelift` and `wasmtime-NN-winch` turn on core
//! modules and synchronous calls only: without a compiler, with Cranelift, and with Winch. They serve code that is generic over
//! [`CoreWasmtime`]; [`enabled`], `Newest` and `Oldest` have whole majors only.
//!
//! Features only add: the types that guests and hosts pass each other ([`WasmTy`], [`component::Lower`],
//! [`component::Lift`]) are the same set with any features; the features `derive` and `bindgen` add types of your own and bindings
//! from WIT, written once for every major ([`guide::components`]). `Newest` and `Oldest` are for binaries and tests. Cargo
//! builds a crate once for all packages that use it, with the features of all of them, so in a library another package
//! can change what these two names mean; a library is generic over [`Wasmtime`], or names a major, such as [`V48`].
//!
//! Code that builds on one major at a time does not need the parameter `W`: the module of a major, such as [`v48`], has all
//! types with that major filled in, and [`newest`] those of the newest one that is on. Code on what this crate does not
//! cover is compiled once per major by [`for_each_major!`] and [`mount!`].
//!
//! ```
//! # #[cfg(feature = "_runtime")]
//! # fn main() -> wasmtime_compat::Result<()> {
//! use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Oldest, Store, Wasmtime};
//!
//! fn answer<W: Wasmtime>(wasm: &[u8]) -> wasmtime_compat::Result<i32> {
//!     let engine = Engine::<W>::new(&Config::new())?;
//!     let module = Module::new(&engine, wasm)?;
//!     let mut store = Store::new(&engine, ());
//!     let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
//!     instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?.call(&mut store, (40, 2))
//! }
//!
//! // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
//! let wasm = b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";
//! assert_eq!(answer::<Newest>(wasm)?, 42);
//! assert_eq!(answer::<Oldest>(wasm)?, 42);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "_runtime"))]
//! # fn main() {}
//! ```

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        reason = "input must not end the host"
    )
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    any(not(feature = "_runtime"), test),
    allow(dead_code, reason = "without a major, what serves majors is unused; unit tests need none")
)]
#![allow(clippy::duplicate_underscore_argument, reason = "some preview1 functions have two arguments of flags")]
#![allow(clippy::manual_async_fn, reason = "`async fn` does not promise that its future is `Send`")]

#[doc(hidden)]
pub mod __private;
mod any;
mod any_instance;
#[cfg(feature = "_http")]
mod any_proxy;
pub mod backend;
mod bounds;
mod command;
pub mod component;
mod core;
mod differences;
mod each_major;
mod engine;
mod error;
mod guest;
#[cfg(feature = "guest-profiler")]
mod guest_profiler;
pub mod guide;
mod handle;
#[cfg(feature = "_http")]
pub mod http;
mod majors;
mod per_major;
#[cfg(feature = "probe")]
pub mod probe;
mod proxies;
pub mod report;
mod sealed;
mod store;
pub mod wasi;
mod wasmtime;

#[cfg(feature = "readapt")]
pub use wasmtime_compat_guest::readapt;
#[cfg(feature = "wit")]
pub use wasmtime_compat_guest::wit;

pub use self::any::{AnyCommand, AnyEngine, AnyWasmtime};
pub use self::any_instance::AnyInstance;
#[cfg(feature = "_http")]
pub use self::any_proxy::AnyProxy;
pub use self::bounds::{
    ComponentLift, ComponentLower, Data, HostParams, HostResults, V128, WasmParams, WasmResults, WasmTy,
};
pub use self::command::{
    AdapterWarning, BrokenAdapter, Command, Completed, MisnamedPreopen, MissingImport, Outcome, RunConfig,
};
pub use self::core::{
    AnyRef, Export, ExportType, Extern, ExternRef, ExternType, Func, FuncType, Global, GlobalType, HeapType,
    HostFuture, I31, ImportType, Instance, InstancePre, IntoFunc, Linker, Memory, MemoryType, MemoryTypeBuilder,
    Module, ModuleExport, Mutability, Ref, RefType, ResourcesRequired, SharedMemory, Table, TableType, Tag, TagType,
    TypedFunc, Val, ValType, WasmCoreDump, WasmRet,
};
pub use self::differences::{Difference, Involved, Phase, Remains, known_differences};
pub use self::engine::{
    Cache, CacheConfig, CacheStore, Config, Enabled, Engine, EngineWeak, Inlining, InstanceAllocationStrategy,
    Mismatch, OptLevel, PoolingAllocationConfig, Precompiled, ProfilingStrategy, RegallocAlgorithm, Strategy, Trusted,
};
pub use self::error::{Error, ErrorKind, Exit, Frame, FrameSymbol, Result, Trap, Unsupported, WasmBacktrace};
pub use self::guest::{Guest, GuestError, GuestErrorKind, GuestKind};
#[cfg(feature = "guest-profiler")]
pub use self::guest_profiler::GuestProfiler;
pub use self::majors::*;
pub use self::per_major::PerMajor;
pub use self::report::Proposal;
pub use self::store::{
    AsContext, AsContextMut, CallHook, CallHookState, Caller, LimitExceeded, LimiterFuture, ResourceLimiter,
    ResourceLimiterAsync, Store, StoreContext, StoreContextMut, StoreHookState, StoreLimits, UpdateDeadline,
};
pub use self::wasmtime::{CoreWasmtime, Wasmtime};
/// Bindings for a world of WIT: its types, a trait for each interface that the host provides, and a struct with the functions that
/// guests export. They are generic over the major; names and options are those of Wasmtime 48.
///
/// ```
/// use wasmtime_compat::component::{Component, HasSelf, Linker};
/// use wasmtime_compat::{Engine, Result, Store, Wasmtime};
///
/// wasmtime_compat::bindgen!({
///     inline: "
///         package demo:greeter;
///         interface names { name: func(id: u32) -> string; }
///         world greeter { import names; export greet: func(id: u32) -> string; }
///     ",
/// });
///
/// struct Host {
///     names: Vec<String>,
/// }
///
/// impl demo::greeter::names::Host for Host {
///     fn name(&mut self, id: u32) -> String {
///         self.names.get(id as usize).cloned().unwrap_or_default()
///     }
/// }
///
/// fn greet<W: Wasmtime>(engine: &Engine<W>, component: &Component<W>) -> Result<String> {
///     let mut linker = Linker::new(engine);
///     Greeter::add_to_linker::<Host, HasSelf<_>>(&mut linker, |host| host)?;
///     let mut store = Store::new(engine, Host { names: vec!["Ada".to_owned()] });
///     Greeter::instantiate(&mut store, component, &linker)?.call_greet(&mut store, 0)
/// }
/// # fn main() {}
/// ```
///
/// # Options
///
/// `bindgen!("world" in "path")`, or `bindgen!({ … })` with
///
/// * `path: "…"` or `path: ["…", …]`: files or folders with WIT, from the folder of the package on; without `path` and `inline`, the
///   folder `wit`. Packages that these refer to are in their folders `deps`. `inline: "…"`: WIT itself. `world: "…"`: which world, if there
///   is more than one. `features: ["…", …]`: items with `@unstable(feature = …)` that are bound.
/// * `imports: { default: …, "ns:pkg/iface.function": … }` and `exports: { … }`: `async`, `trappable` (imports: results are
///   `anyhow::Result`, and an error traps), or both with `|`. A name can also be that of an interface, a package or a namespace, with or
///   without a version; the most specific one holds. The destructor of a resource is `[drop]name`. A function of the world itself has its bare name, and the
///   destructor of a resource of the world `[drop]name`.
/// * `trappable_error_type: { "ns:pkg/iface.error" => Type }`: functions that are `trappable` and return `result<_, error>` return
///   `Result<_, Type>`; the trait `Host` of the interface with the error gets the function `convert_error`.
/// * `with: { "ns:pkg/iface": path, "ns:pkg/iface.resource": Type, "resource": Type }`: modules that other bindings wrote, and types of yours
///   for resources of an interface or of the world itself. A type has the name of the resource in its module, so for a resource of the world
///   the module in which the macro is must not import another item of that name. `additional_derives: [Path, …]`: more derives for records, variants and enums.
/// * `require_store_data_send: true`: `add_to_linker` asks for data that is `Send` also where nothing is asynchronous.
/// * `stringify: true`: a string with the code in place of the code; `debug: true`: the code is in a file in the folder for temporary
///   files. The environment variable `WASMTIME_COMPAT_DEBUG_BINDGEN` names a folder for the code of all bindings.
/// * `wasmtime_crate: path`: this crate under another name.
///
/// # What is written
///
/// For the interface `ns:pkg/iface` that a world imports, the module `ns::pkg::iface` with its types, the trait `Host` and a trait `HostFoo`
/// for each resource `foo`, and `add_to_linker`. For one that it exports, `exports::ns::pkg::iface` with its types and the struct `Guest`.
/// For the world, a struct of its name with `instantiate`, `instantiate_async`, `new`, `add_to_linker`, a function `call_f` for each function `f`
/// that it exports and one `ns_pkg_iface` for each interface; and the struct with `Pre` behind the name for a component whose imports are
/// settled. A resource of a guest is a [`component::ResourceAny`].
///
/// The traits are to be implemented also where they are empty: `Host` of an interface with types only, and the trait of the world, `FooImports`
/// for the world `foo`, if the world has resources of its own. Two versions of a world are two uses of the macro, in a module each. A component
/// is instantiated once, by the linker, and `Foo::new` of each version looks up the exports; the first one without an error is the version.
///
/// `add_to_linker` of a world adds all that it imports. If WASI is among that, use `add_to_linker` of each other interface, and
/// `Linker::add_wasi` for WASI.
///
/// # Errors
///
/// WIT with futures, streams, maps, error contexts, lists of a fixed length, asynchronous functions, getters or setters does not
/// compile: not every major has these. The message names the place in WIT.
#[cfg(feature = "bindgen")]
pub use wasmtime_compat_macros::bindgen;

/// The majors that are compiled in as a whole, oldest first.
///
/// What runs guests on them is compiled for the crate that calls this function. A workspace whose crates call it a dozen times
/// may do so in one function of its own, and compile less.
#[inline]
pub fn enabled() -> &'static [&'static dyn AnyWasmtime] {
    majors::enabled()
}

/// Something generic over the major, to be done with more than one of them; see [`visit_enabled`].
///
/// ```
/// use wasmtime_compat::{Config, Engine, Result, Visitor, Wasmtime, enabled, visit_enabled};
///
/// /// Finds out under which key a cache keeps the code that each major compiles.
/// struct CacheKeys(Config);
///
/// impl Visitor for CacheKeys {
///     type Output = Result<(u64, Option<u64>)>;
///
///     fn visit<W: Wasmtime>(&mut self) -> Self::Output {
///         Ok((W::MAJOR, Engine::<W>::new(&self.0)?.fingerprint()))
///     }
/// }
///
/// let keys = visit_enabled(&mut CacheKeys(Config::new()));
/// assert!(keys.len() == enabled().len() && keys.iter().all(Result::is_ok));
/// ```
pub trait Visitor {
    /// The result of a visit.
    type Output;

    /// Visits one major.
    fn visit<W: Wasmtime>(&mut self) -> Self::Output;
}

/// Does something with every major that is compiled in as a whole, oldest first: [`enabled`] for code that needs the major as a type.
///
/// ```
/// use wasmtime_compat::{Visitor, Wasmtime, visit_enabled};
///
/// struct Names;
///
/// impl Visitor for Names {
///     type Output = String;
///
///     fn visit<W: Wasmtime>(&mut self) -> String {
///         format!("Wasmtime {}", W::report().wasmtime)
///     }
/// }
///
/// for name in visit_enabled(&mut Names) {
///     println!("{name}");
/// }
/// ```
pub fn visit_enabled<V: Visitor>(visitor: &mut V) -> Vec<V::Output> {
    majors::visit_enabled(visitor)
}

/// Does something with one major, if it is compiled in as a whole: [`by_major`] for code that needs the major as a type.
///
/// ```
/// use wasmtime_compat::{Config, Engine, Module, Result, Visitor, Wasmtime, visit_major};
///
/// /// Whether a major accepts a guest.
/// struct Accepts<'a>(&'a [u8]);
///
/// impl Visitor for Accepts<'_> {
///     type Output = Result<()>;
///
///     fn visit<W: Wasmtime>(&mut self) -> Result<()> {
///         Module::validate(&Engine::<W>::new(&Config::new())?, self.0)
///     }
/// }
///
/// let accepted = visit_major(48, &mut Accepts(b"\0asm\x01\0\0\0"));
/// assert_eq!(accepted.is_some(), wasmtime_compat::by_major(48).is_some());
/// ```
pub fn visit_major<V: Visitor>(major: u64, visitor: &mut V) -> Option<V::Output> {
    majors::visit_major(major, visitor)
}

/// A major by its number, if it is compiled in as a whole.
#[inline]
pub fn by_major(major: u64) -> Option<&'static dyn AnyWasmtime> {
    enabled().iter().copied().find(|wasmtime| wasmtime.major() == major)
}
