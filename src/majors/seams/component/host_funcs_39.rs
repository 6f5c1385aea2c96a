//! Dynamic host functions of components, 39 and later: they get their types.

use std::sync::{Arc, OnceLock};

use super::wasmtime::Result;
use super::wasmtime::component::{Component, LinkerInstance};
use super::whole::{RawDynamic, Signature, StoreData};
use crate::bounds::Data;

/// Whether the functions can be added for a component only, because the component knows their types.
pub(super) const NEEDS_COMPONENT: bool = false;

/// Adds a host function.
pub(super) fn add<T: Data>(
    linker: &mut LinkerInstance<'_, StoreData<T>>,
    _: Option<&Component>,
    name: &str,
    func: RawDynamic<T>,
    _: Arc<OnceLock<Signature>>,
) -> Result<()> {
    match func {
        RawDynamic::Sync(func) => linker
            .func_new(name, move |context, ty, params, results| func(context, &Signature::new(&ty), params, results)),
        RawDynamic::Async(func) => linker.func_new_async(name, move |context, ty, params, results| {
            func(context, Signature::new(&ty), params, results)
        }),
    }
}
