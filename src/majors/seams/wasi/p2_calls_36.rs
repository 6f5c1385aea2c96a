//! Checked WASI 0.2 calls, 36: Wasmtime checks them itself (see `p1_calls_24.rs` for the limits). Waiting
//! for clocks is defined here; the clocks are implemented by the view of the whole context.

use super::names::{WasiCtxView, WasiView as _};
use super::wasmtime::Result;
use super::whole::StoreData;
use crate::bounds::Data;

pub(super) use super::whole::link_clock_alone as link;

/// What implements the clocks.
pub(super) fn clocks<T: Data + Send>(data: &mut StoreData<T>) -> WasiCtxView<'_> {
    data.ctx()
}

/// Wasmtime's table has a limit of its own.
pub(super) fn room<T>(_: &mut StoreData<T>) -> Result<()> {
    Ok(())
}
