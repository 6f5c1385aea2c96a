//! Checked WASI 0.2 calls, 36, 48 and later: Wasmtime checks them itself (see `p1_calls_24.rs` for the limits).

use super::wasmtime::Result;
use super::wasmtime::component::Linker;
use super::whole::StoreData;
use crate::bounds::Data;

pub(super) fn link<T: Data + Send>(_: &mut Linker<StoreData<T>>, _is_async: bool) -> Result<()> {
    Ok(())
}
