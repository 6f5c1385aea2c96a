//! Checked preview1 calls, 22, 23, 25 to 35 and 37 to 39: Wasmtime bounds nothing itself, and some calls need mending.

use super::common::StoreData;
pub(super) use super::common::{limit_calls, limit_handles, limit_random};
use super::wasmtime::Caller;

macro_rules! mended {
    ($link:ident) => {
        super::super::common::mended_calls!($link);
    };
}

#[path = "../common/p1_calls.rs"]
mod body;

pub(super) use body::link;

fn fuel<T>(_: &mut Caller<'_, T>) {}

fn set_fuel<T>(_: &mut StoreData<T>, (): ()) {}
