//! Instances of core modules.

use super::{StoreData, V, error, wasmtime};
use crate::backend::Instances;
use crate::bounds::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::{WasmParams, WasmResults};

impl Instances for V {
    type InstancePre<T: Data> = wasmtime::InstancePre<StoreData<T>>;
    type Instance = wasmtime::Instance;

    fn instantiate<T: Data>(
        pre: &Self::InstancePre<T>,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<wasmtime::Instance> {
        error::same_engine(context.engine(), pre.module().engine(), "module")?;
        pre.instantiate(context).map_err(error::call)
    }

    fn pre_module<T: Data>(pre: &Self::InstancePre<T>) -> wasmtime::Module {
        pre.module().clone()
    }

    fn instance_module<T: Data>(instance: &wasmtime::Instance, context: Self::StoreContext<'_, T>) -> wasmtime::Module {
        instance.module(context).clone()
    }

    fn get_typed_func<T: Data, P: WasmParams, R: WasmResults>(
        instance: &wasmtime::Instance,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
    ) -> Result<Self::TypedFunc<P, R>> {
        instance
            .get_typed_func(context, name)
            .map_err(|raw| error::classify(raw, ErrorKind::Export, &format!("cannot use the export `{name}`")))
    }

    fn typed_func_at<T: Data, P: WasmParams, R: WasmResults>(
        instance: &wasmtime::Instance,
        mut context: Self::StoreContextMut<'_, T>,
        export: &wasmtime::ModuleExport,
        name: &str,
    ) -> Result<Self::TypedFunc<P, R>> {
        let func = instance.get_module_export(&mut context, export).and_then(wasmtime::Extern::into_func);
        let Some(func) = func else {
            return Err(Error::new(ErrorKind::Export, format!("no such export: function `{name}`")));
        };
        func.typed(&context)
            .map_err(|raw| error::classify(raw, ErrorKind::Export, &format!("cannot use the export `{name}`")))
    }
}
