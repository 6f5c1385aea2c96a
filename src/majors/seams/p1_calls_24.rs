//! Checked preview1 calls, 24, 36, 40 and later: Wasmtime checks them itself, by limits that are set here.

use super::common::StoreData;
use super::names::WasiCtxBuilder;
use super::view::{self, Wasi};
use super::wasmtime::{Linker, Result, Store};
use crate::limits::CallLimits;

pub(super) fn link<T: Send + 'static>(_: &mut Linker<StoreData<T>>, _is_async: bool) -> Result<()> {
    Ok(())
}

pub(super) fn limit_calls<T: Send + 'static>(store: &mut Store<StoreData<T>>, limits: &CallLimits) {
    store.set_hostcall_fuel(limits.bytes);
}

pub(super) fn limit_random(builder: &mut WasiCtxBuilder, most: u64) {
    builder.max_random_size(most);
}

pub(super) fn limit_handles(wasi: &mut Wasi, most: usize) {
    view::table(wasi).set_max_capacity(most);
}
