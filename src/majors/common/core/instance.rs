//! Instances of core modules.

use super::{StoreData, V, error, wasmtime};
use crate::backend::{Funcs, Instances};
use crate::bounds::Data;
use crate::error::Result;
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
        mut context: Self::StoreContextMut<'_, T>,
        name: &str,
    ) -> Result<Self::TypedFunc<P, R>> {
        let func = instance.get_func(&mut context, name);
        typed::<T, P, R>(func, &context, name)
    }

    fn typed_func_at<T: Data, P: WasmParams, R: WasmResults>(
        instance: &wasmtime::Instance,
        mut context: Self::StoreContextMut<'_, T>,
        export: &wasmtime::ModuleExport,
        name: &str,
    ) -> Result<Self::TypedFunc<P, R>> {
        let func = instance.get_module_export(&mut context, export).and_then(wasmtime::Extern::into_func);
        typed::<T, P, R>(func, &context, name)
    }
}

fn typed<T: Data, P: WasmParams, R: WasmResults>(
    func: Option<wasmtime::Func>,
    context: &wasmtime::StoreContextMut<'_, StoreData<T>>,
    name: &str,
) -> Result<<V as Funcs>::TypedFunc<P, R>> {
    let func = func.ok_or_else(|| error::no_function(name, ""))?;
    func.typed(context).map_err(|raw| error::other_type(raw, name))
}
