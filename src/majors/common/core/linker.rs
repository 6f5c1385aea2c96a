//! Linkers for core modules.

use super::{StoreData, V, error, unknown_imports, wasmtime};
use crate::backend::Linkers;
use crate::bounds::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::{HostParams, HostResults};

impl Linkers for V {
    type Linker<T: Data> = wasmtime::Linker<StoreData<T>>;

    fn new_linker<T: Data>(engine: &wasmtime::Engine) -> Self::Linker<T> {
        wasmtime::Linker::new(engine)
    }

    fn func_wrap<T, P, R, F>(linker: &mut Self::Linker<T>, module: &str, name: &str, func: F) -> Result<()>
    where
        T: Data,
        P: HostParams,
        R: HostResults,
        F: Fn(Self::Caller<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static,
    {
        <P as super::HostParams>::wrap(linker, module, name, func)
            .map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add a host function"))
    }

    fn allow_shadowing<T: Data>(linker: &mut Self::Linker<T>, allow: bool) {
        linker.allow_shadowing(allow);
    }

    fn allow_unknown_exports<T: Data>(linker: &mut Self::Linker<T>, allow: bool) {
        linker.allow_unknown_exports(allow);
    }

    fn link_instance<T: Data>(
        linker: &mut Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
        instance: &wasmtime::Instance,
    ) -> Result<()> {
        error::same_engine(linker.engine(), context.engine(), "instance")?;
        linker.instance(context, name, *instance).map(drop).map_err(error::link_module)
    }

    fn link_module<T: Data>(
        linker: &mut Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
        module: &wasmtime::Module,
    ) -> Result<()> {
        error::same_engine(linker.engine(), context.engine(), "module")?;
        error::same_engine(linker.engine(), module.engine(), "module")?;
        linker.module(context, name, module).map(drop).map_err(error::linked_module)
    }

    fn alias<T: Data>(linker: &mut Self::Linker<T>, from: (&str, &str), to: (&str, &str)) -> Result<()> {
        linker.alias(from.0, from.1, to.0, to.1).map(drop).map_err(not_aliased)
    }

    fn alias_module<T: Data>(linker: &mut Self::Linker<T>, from: &str, to: &str) -> Result<()> {
        linker.alias_module(from, to).map_err(not_aliased)
    }

    fn define_unknown_as_traps<T: Data>(linker: &mut Self::Linker<T>, module: &wasmtime::Module) -> Result<()> {
        error::same_engine(linker.engine(), module.engine(), "module")?;
        linker.define_unknown_imports_as_traps(module).map_err(error::link_module)
    }

    fn define_unknown_as_defaults<T: Data>(
        linker: &mut Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        module: &wasmtime::Module,
    ) -> Result<()> {
        error::same_engine(linker.engine(), context.engine(), "module")?;
        error::same_engine(linker.engine(), module.engine(), "module")?;
        unknown_imports::define_as_defaults(linker, context, module).map_err(error::link_module)
    }

    fn instantiate_pre<T: Data>(linker: &Self::Linker<T>, module: &wasmtime::Module) -> Result<Self::InstancePre<T>> {
        error::same_engine(linker.engine(), module.engine(), "module")?;
        linker.instantiate_pre(module).map_err(error::link_module)
    }
}

#[cold]
fn not_aliased(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::Link, "cannot define the alias")
}
