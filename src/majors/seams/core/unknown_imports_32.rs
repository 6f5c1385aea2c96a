//! Default values for unknown imports, 32 and later: Wasmtime defines whatever has a default.

use super::common::StoreData;
use super::wasmtime::{Linker, Module, Result, StoreContextMut};
use crate::bounds::Data;

pub(super) fn define_as_defaults<T: Data>(
    linker: &mut Linker<StoreData<T>>,
    mut context: StoreContextMut<'_, StoreData<T>>,
    module: &Module,
) -> Result<()> {
    linker.define_unknown_imports_as_default_values(&mut context, module)
}
