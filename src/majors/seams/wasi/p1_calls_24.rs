//! Checked preview1 calls, 24, 36, 40 and later: Wasmtime has limits of its own, which are set here and given to each
//! call. Some of them hold only after the work is done, or not in all of these majors, so calls are checked here too.

use super::names::WasiCtxBuilder;
use super::names::preview1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use super::p1::context;
use super::view::{self, Wasi};
use super::wasmtime::{AsContextMut, Caller, Store};
use super::whole::{StoreData, finish_poll};
use crate::bounds::Data;
use crate::wasi::calls::{CallLimits, Memory};

macro_rules! mended {
    ($link:ident) => {};
}

#[path = "../../common/wasi/p1_calls.rs"]
mod body;

pub(super) use body::link;

/// A poll leaves nothing behind.
const LEAVES_POLLABLES: bool = false;

fn polled<T>(data: &mut StoreData<T>, memory: &mut impl Memory, errno: i32) {
    finish_poll(data, memory, errno);
}

fn fuel<T: 'static>(caller: &mut Caller<'_, T>) -> usize {
    caller.as_context_mut().hostcall_fuel()
}

fn set_fuel<T: Data + Send>(data: &mut StoreData<T>, fuel: usize) {
    WasiSnapshotPreview1::set_hostcall_fuel(context(data), fuel);
}

pub(super) fn limit_calls<T: Data>(store: &mut Store<StoreData<T>>, limits: &CallLimits) {
    store.set_hostcall_fuel(limits.bytes);
}

pub(super) fn limit_random(builder: &mut WasiCtxBuilder, most: u64) {
    builder.max_random_size(most);
}

pub(super) fn limit_handles(wasi: &mut Wasi, most: usize) {
    view::table(wasi).set_max_capacity(most);
}
