//! Linkers for components.

use super::{StoreData, V, error, errors, exports, host_error, wasmtime};
use crate::backend::ComponentLinkers;
use crate::bounds::Data;
use crate::error::{ErrorKind, Result};
use crate::{ComponentLift, ComponentLower};

impl ComponentLinkers for V {
    type ComponentLinker<T: Data> = wasmtime::component::Linker<StoreData<T>>;

    fn new_component_linker<T: Data>(engine: &wasmtime::Engine) -> Self::ComponentLinker<T> {
        wasmtime::component::Linker::new(engine)
    }

    fn component_func_wrap<T, P, R, F>(
        linker: &mut Self::ComponentLinker<T>,
        interface: Option<&str>,
        name: &str,
        func: F,
    ) -> Result<()>
    where
        T: Data,
        P: ComponentLift,
        R: ComponentLower + 'static,
        F: Fn(Self::StoreContextMut<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static,
    {
        let add = || {
            let mut linker = match interface {
                Some(interface) => linker.instance(interface)?,
                None => linker.root(),
            };
            linker.func_wrap(name, move |context: Self::StoreContextMut<'_, T>, params: P| {
                func(context, params).map_err(host_error)
            })
        };
        add().map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add a host function"))
    }

    fn component_instantiate_pre<T: Data>(
        linker: &Self::ComponentLinker<T>,
        component: &wasmtime::component::Component,
        imports: &[String],
    ) -> Result<Self::ComponentInstancePre<T>> {
        if let Some(engine) = exports::engine(component) {
            error::same_engine(linker.engine(), engine, "component")?;
        }
        linker.instantiate_pre(component).map_err(|raw| errors::link_component(raw, imports))
    }
}
