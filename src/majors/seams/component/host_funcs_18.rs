//! Dynamic host functions of components, 18 and 19: they are added for a component, and are not told their types.

use std::sync::{Arc, OnceLock};

use super::wasmtime::component::{Component, LinkerInstance};
use super::wasmtime::{Error, Result};
use super::whole::{RawDynamic, Signature, StoreData};
use crate::bounds::Data;

/// Whether the functions can be added for a component only, because the component knows their types.
pub(super) const NEEDS_COMPONENT: bool = true;

/// Adds a host function, whose type is found later.
pub(super) fn add<T: Data>(
    linker: &mut LinkerInstance<'_, StoreData<T>>,
    component: Option<&Component>,
    name: &str,
    func: RawDynamic<T>,
    signature: Arc<OnceLock<Signature>>,
) -> Result<()> {
    let Some(component) = component else { return Err(Error::msg("a component is needed")) };
    let known = move || signature.get().cloned().ok_or_else(|| Error::msg("the type of the function is not known"));
    match func {
        RawDynamic::Sync(func) => {
            linker.func_new(component, name, move |context, params, results| func(context, &known()?, params, results))
        }
        RawDynamic::Async(func) => {
            linker.func_new_async(component, name, move |context, params, results| match known() {
                Ok(signature) => func(context, signature, params, results),
                Err(error) => Box::new(async move { Err(error) }),
            })
        }
    }
}
