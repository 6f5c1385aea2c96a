//! Linking preview1, 19 and later: a closure leads from the store's data to its `WasiP1Ctx`.

use super::names::WasiP1Ctx;
use super::names::preview1::{add_to_linker_async, add_to_linker_sync};
use super::wasmtime::{Linker, Result};
use super::whole::StoreData;
use crate::bounds::Data;

pub(super) fn link<T: Data + Send>(linker: &mut Linker<StoreData<T>>, is_async: bool) -> Result<()> {
    if is_async {
        add_to_linker_async(linker, StoreData::wasi_mut)
    } else {
        add_to_linker_sync(linker, StoreData::wasi_mut)
    }
}

/// What implements preview1.
#[allow(dead_code, reason = "only checked calls ask for it")]
pub(super) fn context<T: Data + Send>(data: &mut StoreData<T>) -> &mut WasiP1Ctx {
    data.wasi_mut()
}
