//! Instances of components.

use super::wasmtime::component::{Func, Instance};
use super::{StoreData, V, error, exports, linker, types, wasmtime};
use crate::backend::ComponentInstances;
use crate::bounds::Data;
use crate::component::InResourceType;
use crate::component::types::{ComponentItem, ResourceType};
use crate::error::Result;
use crate::{ComponentLift, ComponentLower};
use wasmtime::AsContextMut as _;

impl ComponentInstances for V {
    type ComponentInstancePre<T: Data> = wasmtime::component::InstancePre<StoreData<T>>;
    type ComponentInstance = Instance;

    fn expect_engine<T: Data>(context: &Self::StoreContextMut<'_, T>, engine: &wasmtime::Engine) -> Result<()> {
        error::same_engine(context.engine(), engine, "component")
    }

    fn component_of_pre<T: Data>(pre: &Self::ComponentInstancePre<T>) -> wasmtime::component::Component {
        pre.component().clone()
    }

    fn component_instantiate<T: Data>(
        pre: &Self::ComponentInstancePre<T>,
        context: Self::StoreContextMut<'_, T>,
    ) -> Result<Instance> {
        pre.instantiate(context).map_err(error::call)
    }

    fn component_export<T: Data>(
        instance: &Instance,
        context: Self::StoreContextMut<'_, T>,
        parent: Option<&exports::ExportIndex>,
        name: &str,
    ) -> Option<exports::ExportIndex> {
        exports::find(instance, context, parent, name)
    }

    fn component_item<T: Data>(
        instance: &Instance,
        mut context: Self::StoreContextMut<'_, T>,
        parent: Option<&exports::ExportIndex>,
        name: &str,
    ) -> Result<Option<(ComponentItem, exports::ExportIndex)>> {
        match exports::find_item(instance, context.as_context_mut(), parent, name) {
            Ok(found) => Ok(found.map(|(item, index)| (types::item(item, context.engine()), index))),
            Err(since) => Err(linker::unsupported("types of an instance's exports", since)),
        }
    }

    fn component_func_at<T: Data>(
        instance: &Instance,
        context: Self::StoreContextMut<'_, T>,
        index: &exports::ExportIndex,
    ) -> Option<Func> {
        exports::func(instance, context, index)
    }

    fn component_resource_at<T: Data>(
        instance: &Instance,
        context: Self::StoreContextMut<'_, T>,
        index: &exports::ExportIndex,
    ) -> Option<ResourceType> {
        exports::resource(instance, context, index).map(InResourceType::wrap)
    }

    fn component_module_at<T: Data>(
        instance: &Instance,
        context: Self::StoreContextMut<'_, T>,
        index: &exports::ExportIndex,
    ) -> Option<wasmtime::Module> {
        exports::module(instance, context, index)
    }

    fn component_typed<T: Data, P: ComponentLower, R: ComponentLift>(
        func: &Func,
        context: Self::StoreContextMut<'_, T>,
        name: impl FnOnce() -> String,
    ) -> Result<Self::ComponentFunc<P, R>> {
        func.typed(context).map_err(|raw| error::other_type(raw, &name()))
    }
}
