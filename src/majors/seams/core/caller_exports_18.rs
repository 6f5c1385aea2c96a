//! Exports of a caller by their place in the module, 18 to 26: callers find exports by name only.

use super::common::StoreData;
use super::wasmtime::{Caller, Extern, ModuleExport};
use crate::bounds::Data;

pub(super) fn at_place<T: Data>(
    caller: &mut Caller<'_, StoreData<T>>,
    _: &ModuleExport,
    name: Option<&str>,
) -> Option<Extern> {
    caller.get_export(name?)
}
