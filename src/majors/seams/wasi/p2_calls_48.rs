//! Checked WASI 0.2 calls, 48 and later: Wasmtime checks them itself (see `p1_calls_24.rs` for the limits). Waiting
//! for clocks is defined here; the clocks have a view of their own.

use super::wasmtime::Result;
use super::wasmtime_wasi::clocks::{WasiClocksCtxView, WasiClocksView as _};
use super::whole::StoreData;
use crate::bounds::Data;

pub(super) use super::whole::link_clock_alone as link;

/// What implements the clocks.
pub(super) fn clocks<T: Data + Send>(data: &mut StoreData<T>) -> WasiClocksCtxView<'_> {
    data.clocks()
}

/// Wasmtime's table has a limit of its own.
pub(super) fn room<T>(_: &mut StoreData<T>) -> Result<()> {
    Ok(())
}
