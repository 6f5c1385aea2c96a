//! Owns `trait Wasmtime`: the one stable trait that every major implements.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use semver::Version;

use crate::component::CheckedFunc;
use crate::config::Config;
use crate::error::Result;
use crate::limits::StoreLimits;
use crate::neutral::{ComponentLift, ComponentLower, HostParams, HostResults, WasmParams, WasmResults};
use crate::precompiled::TrustedCode;
use crate::report::RuntimeReport;
use crate::store::{DeadlineCheck, Mode};
use crate::wasi::{PreopenReport, Stdio, WasiConfig};

/// A Wasmtime major.
///
/// [`V24`](crate::V24), [`V48`](crate::V48) and so on implement it while their cargo feature is on. Code that is
/// generic over `W: Wasmtime` is written once and compiled for each major it is used with; it costs nothing over
/// calling that major directly, because every function here is a static call to it.
///
/// Programs use the types over this trait, [`Engine`](crate::Engine), [`Store`](crate::Store) and so on, which wrap
/// the associated types of [`Backend`].
///
/// The trait is sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`",
    note = "`V18` belongs to the feature `wasmtime-18`, and so on; groups are `lts`, `latest`, `earliest`, `pre-20`, `since-20`, `since-29`"
)]
pub trait Wasmtime: Backend {
    /// The major version number.
    const MAJOR: u64;

    /// Exactly which Wasmtime this is, and what it hosts.
    fn report() -> RuntimeReport;
}

/// What a major does for this crate: the second half of [`Wasmtime`], apart from it so that the public face is small.
///
/// The associated types are what crosses over to code that uses a major directly. The functions are the business of
/// the types over the trait and may change.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a Wasmtime major",
    label = "the trait `Wasmtime` is sealed: only the majors of this crate implement it",
    note = "to use a Wasmtime of your own making, hand its engine over with `Engine::from_raw`"
)]
pub trait Backend: Sealed + Sized + Copy + Debug + Send + Sync + 'static {
    /// `wasmtime::Engine`.
    type Engine: Clone + Send + Sync + 'static;
    /// `wasmtime::Module`.
    type Module: Clone + Send + Sync + 'static;
    /// `wasmtime::ModuleExport`.
    type ModuleExport: Clone + Send + Sync + 'static;
    /// `wasmtime::component::Component`.
    type Component: Clone + Send + Sync + 'static;
    /// What a store of this crate holds: the user's `T` beside the WASI state.
    type StoreData<T: Send + 'static>: Send + 'static;
    /// `wasmtime::Store<StoreData<T>>`.
    type Store<T: Send + 'static>: Send + 'static;
    /// `wasmtime::StoreContextMut<'_, StoreData<T>>`.
    type Context<'a, T: Send + 'static>: Send;
    /// `wasmtime::Caller<'_, StoreData<T>>`.
    type Caller<'a, T: Send + 'static>: Send;
    /// `wasmtime::Linker<StoreData<T>>`.
    type Linker<T: Send + 'static>: Clone + Send + Sync + 'static;
    /// `wasmtime::InstancePre<StoreData<T>>`.
    type InstancePre<T: Send + 'static>: Clone + Send + Sync + 'static;
    /// `wasmtime::Instance`.
    type Instance: Copy + Send + Sync + 'static;
    /// `wasmtime::TypedFunc<P, R>`, with the major's own `V128` for [`V128`](crate::V128).
    type TypedFunc<P: WasmParams, R: WasmResults>: Clone + Send + Sync + 'static;
    /// `wasmtime::Memory`.
    type Memory: Copy + Send + Sync + 'static;
    /// `wasmtime::component::Linker<StoreData<T>>`.
    type ComponentLinker<T: Send + 'static>: Clone + Send + Sync + 'static;
    /// `wasmtime::component::InstancePre<StoreData<T>>`.
    type ComponentInstancePre<T: Send + 'static>: Clone + Send + Sync + 'static;
    /// `wasmtime::component::Instance`.
    type ComponentInstance: Copy + Send + Sync + 'static;
    /// `wasmtime::component::Func`.
    type ComponentFunc: Copy + Send + Sync + 'static;
    /// `wasmtime::component::TypedFunc<P, R>`.
    type TypedComponentFunc<P: ComponentLower, R: ComponentLift>: Copy + Send + Sync;

    // Engines and code.

    #[doc(hidden)]
    fn version() -> Version;
    #[doc(hidden)]
    fn new_engine(config: &Config) -> Result<Self::Engine>;
    #[doc(hidden)]
    fn increment_epoch(engine: &Self::Engine);
    #[doc(hidden)]
    fn fingerprint(engine: &Self::Engine) -> u64;
    #[doc(hidden)]
    fn compile_module(engine: &Self::Engine, wasm: &[u8]) -> Result<Self::Module>;
    #[doc(hidden)]
    fn compile_component(engine: &Self::Engine, wasm: &[u8]) -> Result<Self::Component>;
    #[doc(hidden)]
    fn precompile_module(engine: &Self::Engine, wasm: &[u8]) -> Result<Vec<u8>>;
    #[doc(hidden)]
    fn precompile_component(engine: &Self::Engine, wasm: &[u8]) -> Result<Vec<u8>>;
    #[doc(hidden)]
    fn load_module(engine: &Self::Engine, code: TrustedCode<'_>) -> Result<Self::Module>;
    #[doc(hidden)]
    fn load_component(engine: &Self::Engine, code: TrustedCode<'_>) -> Result<Self::Component>;
    #[doc(hidden)]
    fn module_exports(module: &Self::Module) -> Vec<String>;
    #[doc(hidden)]
    fn module_export(module: &Self::Module, name: &str) -> Option<Self::ModuleExport>;

    // Stores.

    #[doc(hidden)]
    fn new_store<T: Send + 'static>(engine: &Self::Engine, data: T, mode: Mode) -> Self::Store<T>;
    #[doc(hidden)]
    fn new_store_with_wasi<T: Send + 'static>(
        engine: &Self::Engine,
        data: T,
        is_async: bool,
        config: &WasiConfig,
        preopens: &PreopenReport,
        stdio: &Stdio,
    ) -> Result<Self::Store<T>>;
    #[doc(hidden)]
    fn context<T: Send + 'static>(store: &mut Self::Store<T>) -> Self::Context<'_, T>;
    #[doc(hidden)]
    fn caller_context<'a, T: Send + 'static>(caller: &'a mut Self::Caller<'_, T>) -> Self::Context<'a, T>;
    #[doc(hidden)]
    fn mode<T: Send + 'static>(context: &Self::Context<'_, T>) -> Mode;
    #[doc(hidden)]
    fn expect_wasi<T: Send + 'static>(context: &mut Self::Context<'_, T>);
    #[doc(hidden)]
    fn data<'a, T: Send + 'static>(context: &'a Self::Context<'_, T>) -> &'a T;
    #[doc(hidden)]
    fn data_mut<'a, T: Send + 'static>(context: &'a mut Self::Context<'_, T>) -> &'a mut T;
    #[doc(hidden)]
    fn reborrow<'a, T: Send + 'static>(context: &'a mut Self::Context<'_, T>) -> Self::Context<'a, T>;
    #[doc(hidden)]
    fn store_data<T: Send + 'static>(store: &Self::Store<T>) -> &T;
    #[doc(hidden)]
    fn store_data_mut<T: Send + 'static>(store: &mut Self::Store<T>) -> &mut T;
    #[doc(hidden)]
    fn caller_data_mut<'a, T: Send + 'static>(caller: &'a mut Self::Caller<'_, T>) -> &'a mut T;
    #[doc(hidden)]
    fn into_data<T: Send + 'static>(store: Self::Store<T>) -> T;
    #[doc(hidden)]
    fn set_limits<T: Send + 'static>(store: &mut Self::Store<T>, limits: &StoreLimits);
    #[doc(hidden)]
    fn set_fuel<T: Send + 'static>(context: &mut Self::Context<'_, T>, fuel: u64) -> Result<()>;
    #[doc(hidden)]
    fn fuel<T: Send + 'static>(context: &Self::Context<'_, T>) -> Result<u64>;
    #[doc(hidden)]
    fn set_deadline<T: Send + 'static>(store: &mut Self::Store<T>, ticks: u64, check: Option<DeadlineCheck>);
    #[doc(hidden)]
    fn guarded<'a, T: Send + 'static>(context: &'a Self::Context<'_, T>) -> &'a [Arc<str>];

    // Core modules.

    #[doc(hidden)]
    fn new_linker<T: Send + 'static>(engine: &Self::Engine) -> Self::Linker<T>;
    #[doc(hidden)]
    fn link_wasi<T: Send + 'static>(linker: &mut Self::Linker<T>, is_async: bool, raw_wasi: bool) -> Result<()>;
    #[doc(hidden)]
    fn func_wrap<T, P, R, F>(linker: &mut Self::Linker<T>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Send + 'static,
        P: HostParams,
        R: HostResults,
        F: Fn(Self::Caller<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static;
    #[doc(hidden)]
    fn func_wrap_async<T, P, R, F>(linker: &mut Self::Linker<T>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Send + 'static,
        P: HostParams,
        R: HostResults,
        F: AsyncHostFunc<Self, T, P, R>;
    #[doc(hidden)]
    fn instantiate_pre<T: Send + 'static>(
        linker: &Self::Linker<T>,
        module: &Self::Module,
    ) -> Result<Self::InstancePre<T>>;
    #[doc(hidden)]
    fn instantiate<T: Send + 'static>(
        pre: &Self::InstancePre<T>,
        context: Self::Context<'_, T>,
    ) -> Result<Self::Instance>;
    #[doc(hidden)]
    fn instantiate_async<T: Send + 'static>(
        pre: &Self::InstancePre<T>,
        context: Self::Context<'_, T>,
    ) -> impl Future<Output = Result<Self::Instance>> + Send;
    #[doc(hidden)]
    fn typed_func<T: Send + 'static, P: WasmParams, R: WasmResults>(
        instance: &Self::Instance,
        context: Self::Context<'_, T>,
        name: &str,
    ) -> Result<Self::TypedFunc<P, R>>;
    #[doc(hidden)]
    fn typed_func_at<T: Send + 'static, P: WasmParams, R: WasmResults>(
        instance: &Self::Instance,
        context: Self::Context<'_, T>,
        export: &Self::ModuleExport,
        name: &str,
    ) -> Result<Self::TypedFunc<P, R>>;
    #[doc(hidden)]
    fn call<T: Send + 'static, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::Context<'_, T>,
        params: P,
    ) -> Result<R>;
    #[doc(hidden)]
    fn call_async<T: Send + 'static, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::Context<'_, T>,
        params: P,
    ) -> impl Future<Output = Result<R>> + Send;
    #[doc(hidden)]
    fn instance_memory<T: Send + 'static>(
        instance: &Self::Instance,
        context: Self::Context<'_, T>,
        name: &str,
    ) -> Option<Self::Memory>;
    #[doc(hidden)]
    fn caller_memory<T: Send + 'static>(caller: &mut Self::Caller<'_, T>, name: &str) -> Option<Self::Memory>;
    #[doc(hidden)]
    fn memory_data<'a, T: Send + 'static>(memory: &Self::Memory, context: Self::Context<'a, T>) -> &'a mut [u8];
    #[doc(hidden)]
    fn memory_grow<T: Send + 'static>(memory: &Self::Memory, context: Self::Context<'_, T>, pages: u64) -> Result<u64>;

    // Components.

    #[doc(hidden)]
    fn new_component_linker<T: Send + 'static>(engine: &Self::Engine) -> Self::ComponentLinker<T>;
    #[doc(hidden)]
    fn link_component_wasi<T: Send + 'static>(
        linker: &mut Self::ComponentLinker<T>,
        is_async: bool,
        raw_wasi: bool,
    ) -> Result<()>;
    #[doc(hidden)]
    fn component_func_wrap<T, P, R, F>(
        linker: &mut Self::ComponentLinker<T>,
        interface: Option<&str>,
        name: &str,
        func: F,
    ) -> Result<()>
    where
        T: Send + 'static,
        P: ComponentLift,
        R: ComponentLower + 'static,
        F: Fn(Self::Context<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static;
    #[doc(hidden)]
    fn component_instantiate_pre<T: Send + 'static>(
        linker: &Self::ComponentLinker<T>,
        component: &Self::Component,
        imports: &[String],
    ) -> Result<Self::ComponentInstancePre<T>>;
    #[doc(hidden)]
    fn component_instantiate<T: Send + 'static>(
        pre: &Self::ComponentInstancePre<T>,
        context: Self::Context<'_, T>,
    ) -> Result<Self::ComponentInstance>;
    #[doc(hidden)]
    fn component_instantiate_async<T: Send + 'static>(
        pre: &Self::ComponentInstancePre<T>,
        context: Self::Context<'_, T>,
    ) -> impl Future<Output = Result<Self::ComponentInstance>> + Send;
    #[doc(hidden)]
    fn component_func<T: Send + 'static, P: ComponentLower, R: ComponentLift>(
        instance: &Self::ComponentInstance,
        context: Self::Context<'_, T>,
        interface: Option<&str>,
        name: &str,
    ) -> Result<CheckedFunc<Self::ComponentFunc, P, R>>;
    #[doc(hidden)]
    fn component_func_from_raw<P: ComponentLower, R: ComponentLift>(
        raw: Self::TypedComponentFunc<P, R>,
    ) -> CheckedFunc<Self::ComponentFunc, P, R>;
    #[doc(hidden)]
    fn component_func_into_raw<P: ComponentLower, R: ComponentLift>(
        func: CheckedFunc<Self::ComponentFunc, P, R>,
    ) -> Self::TypedComponentFunc<P, R>;
    #[doc(hidden)]
    fn component_call<T: Send + 'static, P: ComponentLower, R: ComponentLift>(
        func: &CheckedFunc<Self::ComponentFunc, P, R>,
        context: Self::Context<'_, T>,
        params: P,
    ) -> Result<R>;
    #[doc(hidden)]
    fn component_call_async<T: Send + 'static, P: ComponentLower, R: ComponentLift>(
        func: &CheckedFunc<Self::ComponentFunc, P, R>,
        context: Self::Context<'_, T>,
        params: P,
    ) -> impl Future<Output = Result<R>> + Send;
}

/// What an asynchronous host function returns.
pub type HostFuture<'a, R> = Box<dyn Future<Output = anyhow::Result<R>> + Send + 'a>;

/// An asynchronous host function in terms of the major's own caller.
#[doc(hidden)]
pub trait AsyncHostFunc<W: Backend, T: Send + 'static, P, R>: Send + Sync + 'static {
    fn call<'a>(&self, caller: W::Caller<'a, T>, params: P) -> HostFuture<'a, R>;
}

use sealed::Sealed;

pub(crate) mod sealed {
    /// Closes [`Wasmtime`](super::Wasmtime): only the majors implement it.
    #[diagnostic::on_unimplemented(message = "`{Self}` is not one of this crate's majors")]
    pub trait Sealed {}
}
