//! Linking preview1, 18: the store's data implements the view, so no closure is needed.

use super::names::preview1::{add_to_linker_async, add_to_linker_sync};
use super::wasmtime::{Linker, Result};
use super::whole::StoreData;
use crate::bounds::Data;

pub(super) fn link<T: Data + Send>(linker: &mut Linker<StoreData<T>>, is_async: bool) -> Result<()> {
    if is_async { add_to_linker_async(linker) } else { add_to_linker_sync(linker) }
}

/// What implements preview1: the store's data itself.
pub(super) fn context<T: Data + Send>(data: &mut StoreData<T>) -> &mut StoreData<T> {
    data
}
