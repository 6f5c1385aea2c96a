//! Instances of components.

use super::{StoreData, V, error, exports, wasmtime};
use crate::backend::ComponentInstances;
use crate::bounds::Data;
use crate::error::Result;
use crate::{ComponentLift, ComponentLower};

impl ComponentInstances for V {
    type ComponentInstancePre<T: Data> = wasmtime::component::InstancePre<StoreData<T>>;
    type ComponentInstance = wasmtime::component::Instance;

    fn component_instantiate<T: Data>(
        pre: &Self::ComponentInstancePre<T>,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<wasmtime::component::Instance> {
        if let Some(engine) = exports::engine_of_pre(pre) {
            error::same_engine(context.engine(), engine, "component")?;
        }
        pre.instantiate(context).map_err(error::call)
    }

    fn component_func<T: Data, P: ComponentLower, R: ComponentLift>(
        instance: &wasmtime::component::Instance,
        mut context: Self::StoreContextMut<'_, T>,
        interface: Option<&str>,
        name: &str,
    ) -> Result<Self::ComponentFunc<P, R>> {
        let Some(func) = exports::func(instance, &mut context, interface, name) else {
            let place = interface.map(|interface| format!(" in `{interface}`")).unwrap_or_default();
            return Err(error::no_function(name, &place));
        };
        func.typed(&context).map_err(|raw| error::other_type(raw, name))
    }
}
