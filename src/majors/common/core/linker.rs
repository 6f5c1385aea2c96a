//! Linkers for core modules.

use super::{StoreData, V, error, wasmtime};
use crate::backend::Linkers;
use crate::bounds::Data;
use crate::error::{ErrorKind, Result};
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

    fn instantiate_pre<T: Data>(linker: &Self::Linker<T>, module: &wasmtime::Module) -> Result<Self::InstancePre<T>> {
        error::same_engine(linker.engine(), module.engine(), "module")?;
        linker.instantiate_pre(module).map_err(error::link_module)
    }
}
