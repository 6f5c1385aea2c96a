//! Linkers for components.

use super::{MAJOR, RawDynamic, StoreData, V, error, errors, linking, wasmtime};
use crate::backend::ComponentLinkers;
use crate::bounds::Data;
use crate::error::{Error, ErrorKind, Result, Unsupported};

impl ComponentLinkers for V {
    type ComponentLinker<T: Data> = wasmtime::component::Linker<StoreData<T>>;
    type DynamicHost<T: Data> = RawDynamic<T>;

    fn new_component_linker<T: Data>(engine: &wasmtime::Engine) -> Self::ComponentLinker<T> {
        wasmtime::component::Linker::new(engine)
    }

    fn component_allow_shadowing<T: Data>(linker: &mut Self::ComponentLinker<T>, allow: bool) {
        linker.allow_shadowing(allow);
    }

    fn same_component_engine(engine: &wasmtime::Engine, components: &wasmtime::Engine) -> Result<()> {
        error::same_engine(engine, components, "component")
    }

    fn component_unknown_as_traps<T: Data>(
        linker: &mut Self::ComponentLinker<T>,
        component: &wasmtime::component::Component,
        engine: &wasmtime::Engine,
    ) -> Result<()> {
        error::same_engine(linker.engine(), engine, "component")?;
        match linking::unknown_as_traps(linker, component) {
            Ok(defined) => {
                defined.map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot define the component's imports"))
            }
            Err(since) => Err(unsupported("imports of components that are defined as traps", since)),
        }
    }

    fn component_instantiate_pre<T: Data>(
        linker: &Self::ComponentLinker<T>,
        component: &wasmtime::component::Component,
        imports: &[String],
    ) -> Result<Self::ComponentInstancePre<T>> {
        linker.instantiate_pre(component).map_err(|raw| errors::link_component(raw, imports))
    }
}

#[cold]
pub(super) fn unsupported(what: &str, since: u64) -> Error {
    Error::from_unsupported(Unsupported { since: Some(since), ..Unsupported::new(what.to_owned(), MAJOR) })
}
