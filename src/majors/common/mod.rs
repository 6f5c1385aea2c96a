//! The one body of every major: what [`Wasmtime`] means in terms of that major's crates. Mounted under each major,
//! so `super` is the major and its seams.

use std::sync::Arc;

use semver::Version;

use super::{
    MAJOR, V, backtraces, exports, host_async, names, p1, p1_calls, p2_calls, preopen, switches, view, wasmtime,
};

mod bounds;
#[allow(dead_code, reason = "not every major has its calls checked here")]
mod calls;
mod data;
mod engine;
mod error;
mod precompiled;
mod stream;
mod wasi;

use crate::config::Config;
use crate::error::{ErrorKind, Result};
use crate::limits::{CallLimits, StoreLimits};
use crate::majors::{
    ComponentLift, ComponentLower, HostParams as AllHostParams, HostResults as AllHostResults, WasmParams, WasmResults,
};
use crate::precompiled::TrustedCode;
use crate::report::RuntimeReport;
use crate::store::{DeadlineCheck, Mode};
use crate::wasi::{PreopenReport, Stdio, WasiConfig};
use crate::wasmtime::{AsyncHostFunc, Backend, Wasmtime, sealed::Sealed};
use wasmtime::AsContextMut as _;

pub use self::bounds::{HostParams, HostResults, Lift, Lower, Params, Results};
#[allow(unused_imports, reason = "not every major has its calls checked here")]
pub(super) use self::calls::{
    checked_calls, closed, drop_pollables, expect_pollables, limit_calls, limit_handles, limit_random, mended_calls,
    nothing, opened,
};
pub(super) use self::data::Limiter;
pub use self::data::StoreData;
pub(super) use self::error::host as host_error;
#[allow(unused_imports, reason = "up to 19 directories are opened without Wasmtime")]
pub(super) use self::error::io as io_error;
#[allow(unused_imports, reason = "not every major has its calls checked here")]
pub(super) use self::error::no_memory;
pub(super) use self::stream::{Input, Output, at_once};

impl Sealed for V {}

impl Wasmtime for V {
    const MAJOR: u64 = MAJOR;

    fn report() -> RuntimeReport {
        let fingerprint = engine::new(&Config::new()).map(|engine| Self::fingerprint(&engine));
        RuntimeReport::new(MAJOR, Self::version(), fingerprint.unwrap_or_default())
    }
}

impl Backend for V {
    type Engine = wasmtime::Engine;
    type Module = wasmtime::Module;
    type ModuleExport = wasmtime::ModuleExport;
    type Component = wasmtime::component::Component;
    type StoreData<T: Send + 'static> = StoreData<T>;
    type Store<T: Send + 'static> = wasmtime::Store<StoreData<T>>;
    type Context<'a, T: Send + 'static> = wasmtime::StoreContextMut<'a, StoreData<T>>;
    type Caller<'a, T: Send + 'static> = wasmtime::Caller<'a, StoreData<T>>;
    type Linker<T: Send + 'static> = wasmtime::Linker<StoreData<T>>;
    type InstancePre<T: Send + 'static> = wasmtime::InstancePre<StoreData<T>>;
    type Instance = wasmtime::Instance;
    type TypedFunc<P: WasmParams, R: WasmResults> = wasmtime::TypedFunc<P, R>;
    type Memory = wasmtime::Memory;
    type ComponentLinker<T: Send + 'static> = wasmtime::component::Linker<StoreData<T>>;
    type ComponentInstancePre<T: Send + 'static> = wasmtime::component::InstancePre<StoreData<T>>;
    type ComponentInstance = wasmtime::component::Instance;
    type ComponentFunc<P: ComponentLower, R: ComponentLift> = wasmtime::component::TypedFunc<P, R>;

    fn version() -> Version {
        // Hidden, but there in every major and a plain constant; nothing public says it.
        let version = wasmtime::component::__internal::wasmtime_environ::VERSION;
        crate::report::version_or(version, MAJOR)
    }

    fn new_engine(config: &Config) -> Result<wasmtime::Engine> {
        engine::new(config)
    }

    fn increment_epoch(engine: &wasmtime::Engine) {
        engine.increment_epoch();
    }

    fn fingerprint(engine: &wasmtime::Engine) -> u64 {
        crate::report::digest(engine.precompile_compatibility_hash())
    }

    fn compile_module(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<wasmtime::Module> {
        wasmtime::Module::from_binary(engine, wasm).map_err(error::not_a_module)
    }

    fn compile_component(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<wasmtime::component::Component> {
        wasmtime::component::Component::from_binary(engine, wasm).map_err(error::not_a_component)
    }

    fn precompile_module(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>> {
        engine.precompile_module(wasm).map_err(error::not_a_module)
    }

    fn precompile_component(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>> {
        engine.precompile_component(wasm).map_err(error::not_a_component)
    }

    fn load_module(engine: &wasmtime::Engine, code: TrustedCode<'_>) -> Result<wasmtime::Module> {
        precompiled::load_module(engine, code)
    }

    fn load_component(engine: &wasmtime::Engine, code: TrustedCode<'_>) -> Result<wasmtime::component::Component> {
        precompiled::load_component(engine, code)
    }

    fn module_exports(module: &wasmtime::Module) -> Vec<String> {
        module.exports().map(|export| export.name().to_owned()).collect()
    }

    fn module_export(module: &wasmtime::Module, name: &str) -> Option<wasmtime::ModuleExport> {
        module.get_export_index(name)
    }

    fn new_store<T: Send + 'static>(engine: &wasmtime::Engine, data: T, mode: Mode) -> Self::Store<T> {
        limited(wasmtime::Store::new(engine, StoreData::with_mode(data, mode)))
    }

    fn new_store_with_wasi<T: Send + 'static>(
        engine: &wasmtime::Engine,
        data: T,
        is_async: bool,
        config: &WasiConfig,
        preopens: &PreopenReport,
        stdio: &Stdio,
    ) -> Result<Self::Store<T>> {
        let world = wasi::build(config, preopens, stdio)?;
        Ok(limited(wasmtime::Store::new(engine, StoreData::with_world(data, is_async, world))))
    }

    #[inline]
    fn context<T: Send + 'static>(store: &mut Self::Store<T>) -> Self::Context<'_, T> {
        store.as_context_mut()
    }

    #[inline]
    fn caller_context<'a, T: Send + 'static>(caller: &'a mut Self::Caller<'_, T>) -> Self::Context<'a, T> {
        caller.as_context_mut()
    }

    #[inline]
    fn reborrow<'a, T: Send + 'static>(context: &'a mut Self::Context<'_, T>) -> Self::Context<'a, T> {
        context.as_context_mut()
    }

    #[inline]
    fn mode<T: Send + 'static>(context: &Self::Context<'_, T>) -> Mode {
        context.data().mode()
    }

    fn expect_wasi<T: Send + 'static>(context: &mut Self::Context<'_, T>) {
        context.data_mut().expect_wasi();
    }

    fn data<'a, T: Send + 'static>(context: &'a Self::Context<'_, T>) -> &'a T {
        context.data().data()
    }

    fn data_mut<'a, T: Send + 'static>(context: &'a mut Self::Context<'_, T>) -> &'a mut T {
        context.data_mut().data_mut()
    }

    fn store_data<T: Send + 'static>(store: &Self::Store<T>) -> &T {
        store.data().data()
    }

    fn store_data_mut<T: Send + 'static>(store: &mut Self::Store<T>) -> &mut T {
        store.data_mut().data_mut()
    }

    fn caller_data_mut<'a, T: Send + 'static>(caller: &'a mut Self::Caller<'_, T>) -> &'a mut T {
        caller.data_mut().data_mut()
    }

    fn into_data<T: Send + 'static>(store: Self::Store<T>) -> T {
        store.into_data().into_data()
    }

    fn set_limits<T: Send + 'static>(store: &mut Self::Store<T>, limits: &StoreLimits) {
        store.data_mut().set_limits(limits);
        // It asks for the numbers of instances, memories and tables once.
        store.limiter(StoreData::limiter_mut);
        p1_calls::limit_calls(store, &limits.calls);
    }

    fn set_fuel<T: Send + 'static>(context: &mut Self::Context<'_, T>, fuel: u64) -> Result<()> {
        context.set_fuel(fuel).map_err(|raw| error::classify(raw, ErrorKind::Config, "cannot set fuel"))
    }

    fn fuel<T: Send + 'static>(context: &Self::Context<'_, T>) -> Result<u64> {
        context.get_fuel().map_err(|raw| error::classify(raw, ErrorKind::Config, "cannot read fuel"))
    }

    fn set_deadline<T: Send + 'static>(store: &mut Self::Store<T>, ticks: u64, check: Option<DeadlineCheck>) {
        store.set_epoch_deadline(ticks);
        match check {
            None => store.epoch_deadline_trap(),
            Some(mut check) => store.epoch_deadline_callback(move |_| error::deadline(check())),
        }
    }

    fn guarded<'a, T: Send + 'static>(context: &'a Self::Context<'_, T>) -> &'a [Arc<str>] {
        context.data().guarded()
    }

    fn new_linker<T: Send + 'static>(engine: &wasmtime::Engine) -> Self::Linker<T> {
        wasmtime::Linker::new(engine)
    }

    fn link_wasi<T: Send + 'static>(linker: &mut Self::Linker<T>, is_async: bool, raw_wasi: bool) -> Result<()> {
        p1::link(linker, is_async)
            .and_then(|()| if raw_wasi { Ok(()) } else { p1_calls::link(linker, is_async) })
            .map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add WASI"))
    }

    fn func_wrap<T, P, R, F>(linker: &mut Self::Linker<T>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Send + 'static,
        P: AllHostParams,
        R: AllHostResults,
        F: Fn(Self::Caller<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static,
    {
        <P as bounds::HostParams>::wrap(linker, module, name, func)
            .map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add a host function"))
    }

    fn func_wrap_async<T, P, R, F>(linker: &mut Self::Linker<T>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Send + 'static,
        P: AllHostParams,
        R: AllHostResults,
        F: AsyncHostFunc<Self, T, P, R>,
    {
        <P as host_async::AsyncParams>::wrap_async(linker, module, name, move |caller, params| {
            func.call(caller, params)
        })
        .map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add a host function"))
    }

    fn instantiate_pre<T: Send + 'static>(
        linker: &Self::Linker<T>,
        module: &wasmtime::Module,
    ) -> Result<Self::InstancePre<T>> {
        linker.instantiate_pre(module).map_err(error::link_module)
    }

    fn instantiate<T: Send + 'static>(
        pre: &Self::InstancePre<T>,
        context: Self::Context<'_, T>,
    ) -> Result<wasmtime::Instance> {
        pre.instantiate(context).map_err(error::call)
    }

    async fn instantiate_async<T: Send + 'static>(
        pre: &Self::InstancePre<T>,
        context: Self::Context<'_, T>,
    ) -> Result<wasmtime::Instance> {
        pre.instantiate_async(context).await.map_err(error::call)
    }

    fn typed_func<T: Send + 'static, P: WasmParams, R: WasmResults>(
        instance: &wasmtime::Instance,
        context: Self::Context<'_, T>,
        name: &str,
    ) -> Result<Self::TypedFunc<P, R>> {
        instance
            .get_typed_func(context, name)
            .map_err(|raw| error::classify(raw, ErrorKind::Export, &format!("cannot use the export `{name}`")))
    }

    fn typed_func_at<T: Send + 'static, P: WasmParams, R: WasmResults>(
        instance: &wasmtime::Instance,
        mut context: Self::Context<'_, T>,
        export: &wasmtime::ModuleExport,
        name: &str,
    ) -> Result<Self::TypedFunc<P, R>> {
        let func = instance.get_module_export(&mut context, export).and_then(wasmtime::Extern::into_func);
        let Some(func) = func else {
            return Err(crate::Error::new(ErrorKind::Export, format!("no such export: function `{name}`")));
        };
        func.typed(&context)
            .map_err(|raw| error::classify(raw, ErrorKind::Export, &format!("cannot use the export `{name}`")))
    }

    #[inline]
    fn call<T: Send + 'static, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::Context<'_, T>,
        params: P,
    ) -> Result<R> {
        func.call(context, params).map_err(error::call)
    }

    async fn call_async<T: Send + 'static, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::Context<'_, T>,
        params: P,
    ) -> Result<R> {
        func.call_async(context, params).await.map_err(error::call)
    }

    fn instance_memory<T: Send + 'static>(
        instance: &wasmtime::Instance,
        context: Self::Context<'_, T>,
        name: &str,
    ) -> Option<wasmtime::Memory> {
        instance.get_memory(context, name)
    }

    fn caller_memory<T: Send + 'static>(caller: &mut Self::Caller<'_, T>, name: &str) -> Option<wasmtime::Memory> {
        caller.get_export(name)?.into_memory()
    }

    fn memory_data<'a, T: Send + 'static>(memory: &wasmtime::Memory, context: Self::Context<'a, T>) -> &'a mut [u8] {
        memory.data_mut(context)
    }

    fn memory_grow<T: Send + 'static>(
        memory: &wasmtime::Memory,
        context: Self::Context<'_, T>,
        pages: u64,
    ) -> Result<u64> {
        memory.grow(context, pages).map_err(|raw| error::classify(raw, ErrorKind::Other, "cannot grow the memory"))
    }

    fn new_component_linker<T: Send + 'static>(engine: &wasmtime::Engine) -> Self::ComponentLinker<T> {
        wasmtime::component::Linker::new(engine)
    }

    fn link_component_wasi<T: Send + 'static>(
        linker: &mut Self::ComponentLinker<T>,
        is_async: bool,
        raw_wasi: bool,
    ) -> Result<()> {
        if is_async { names::link_p2_async(linker) } else { names::link_p2_sync(linker) }
            .and_then(|()| if raw_wasi { Ok(()) } else { p2_calls::link(linker, is_async) })
            .map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add WASI"))
    }

    fn component_func_wrap<T, P, R, F>(
        linker: &mut Self::ComponentLinker<T>,
        interface: Option<&str>,
        name: &str,
        func: F,
    ) -> Result<()>
    where
        T: Send + 'static,
        P: ComponentLift,
        R: ComponentLower,
        F: Fn(Self::Context<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static,
    {
        let add = || {
            let mut linker = match interface {
                Some(interface) => linker.instance(interface)?,
                None => linker.root(),
            };
            linker.func_wrap(name, move |context: Self::Context<'_, T>, params: P| {
                func(context, params).map_err(host_error)
            })
        };
        add().map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add a host function"))
    }

    fn component_instantiate_pre<T: Send + 'static>(
        linker: &Self::ComponentLinker<T>,
        component: &wasmtime::component::Component,
        imports: &[String],
    ) -> Result<Self::ComponentInstancePre<T>> {
        linker.instantiate_pre(component).map_err(|raw| error::link_component(raw, imports))
    }

    fn component_instantiate<T: Send + 'static>(
        pre: &Self::ComponentInstancePre<T>,
        context: Self::Context<'_, T>,
    ) -> Result<wasmtime::component::Instance> {
        pre.instantiate(context).map_err(error::call)
    }

    async fn component_instantiate_async<T: Send + 'static>(
        pre: &Self::ComponentInstancePre<T>,
        context: Self::Context<'_, T>,
    ) -> Result<wasmtime::component::Instance> {
        pre.instantiate_async(context).await.map_err(error::call)
    }

    fn component_func<T: Send + 'static, P: ComponentLower, R: ComponentLift>(
        instance: &wasmtime::component::Instance,
        mut context: Self::Context<'_, T>,
        interface: Option<&str>,
        name: &str,
    ) -> Result<Self::ComponentFunc<P, R>> {
        let Some(func) = exports::func(instance, &mut context, interface, name) else {
            let place = interface.map(|interface| format!(" in `{interface}`")).unwrap_or_default();
            return Err(crate::Error::new(ErrorKind::Export, format!("no such export: function `{name}`{place}")));
        };
        func.typed(&context)
            .map_err(|raw| error::classify(raw, ErrorKind::Export, &format!("cannot use the export `{name}`")))
    }

    #[allow(deprecated, reason = "`post_return` must be called up to 41 and does nothing from 42 on")]
    fn component_call<T: Send + 'static, P: ComponentLower, R: ComponentLift>(
        func: &Self::ComponentFunc<P, R>,
        mut context: Self::Context<'_, T>,
        params: P,
    ) -> Result<R> {
        let results = func.call(&mut context, params).map_err(error::call)?;
        func.post_return(&mut context).map_err(error::call)?;
        Ok(results)
    }

    #[allow(deprecated, reason = "`post_return_async` must be called up to 41 and does nothing from 42 on")]
    async fn component_call_async<T: Send + 'static, P: ComponentLower, R: ComponentLift>(
        func: &Self::ComponentFunc<P, R>,
        mut context: Self::Context<'_, T>,
        params: P,
    ) -> Result<R> {
        let results = func.call_async(&mut context, params).await.map_err(error::call)?;
        func.post_return_async(&mut context).await.map_err(error::call)?;
        Ok(results)
    }
}

/// A new store within its default limits.
fn limited<T: Send + 'static>(mut store: wasmtime::Store<StoreData<T>>) -> wasmtime::Store<StoreData<T>> {
    store.limiter(StoreData::limiter_mut);
    p1_calls::limit_calls(&mut store, &CallLimits::DEFAULT);
    store
}
