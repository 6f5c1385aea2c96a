//! Checked preview1 calls, 22, 23, 25 to 35 and 37 to 39: Wasmtime bounds nothing itself, and some calls need mending.

use super::wasmtime::Caller;
use super::whole::{StoreData, drop_pollables, finish_poll, polls_leave_pollables};
pub(super) use super::whole::{limit_calls, limit_handles, limit_random};
use crate::bounds::Data;
use crate::wasi::calls::Memory;

macro_rules! mended {
    ($link:ident) => {
        super::super::whole::mended_calls!($link);
    };
}

#[path = "../../common/wasi/p1_calls.rs"]
mod body;

pub(super) use body::link;

polls_leave_pollables!();

fn fuel<T>(_: &mut Caller<'_, T>) {}

fn set_fuel<T>(_: &mut StoreData<T>, (): ()) {}
