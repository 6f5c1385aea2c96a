//! Exports of a caller by their place in the module, 27 and later: callers have a function for that.

use super::common::StoreData;
use super::wasmtime::{Caller, Extern, ModuleExport};
use crate::bounds::Data;

pub(super) fn at_place<T: Data>(
    caller: &mut Caller<'_, StoreData<T>>,
    export: &ModuleExport,
    _: Option<&str>,
) -> Option<Extern> {
    caller.get_module_export(export)
}
