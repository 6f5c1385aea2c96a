//! Wasmtime 48 itself, as its plain user writes it: what differs from other majors, and the rows.

use std::path::Path;

use wasmtime_compat::v48::{wasmtime, wasmtime_wasi};

use self::wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use self::wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use self::wasmtime_wasi::{FsPerms, WasiCtxBuilder, p1};
use crate::shared::Result;

const NUMBER: u32 = 48;

/// The type of a table's size in limiters.
type TableSize = usize;

fn preopen(builder: &mut WasiCtxBuilder, directory: &Path) -> Result {
    builder.preopened_dir(directory, "/work", FsPerms::ReadWrite)?;
    Ok(())
}

/// Every engine has asynchronous calls.
fn async_engine() -> Result<wasmtime::Engine> {
    Ok(wasmtime::Engine::default())
}

/// What follows a call of a component's function: nothing.
macro_rules! finish {
    ($func:expr, $store:expr) => {};
}

macro_rules! finish_async {
    ($func:expr, $store:expr) => {};
}

#[path = "asynchronous.rs"]
pub(crate) mod asynchronous;
#[path = "command.rs"]
pub(crate) mod command;
#[path = "component.rs"]
pub(crate) mod component;
#[path = "core.rs"]
pub(crate) mod core;
#[path = "engine.rs"]
pub(crate) mod engine;
#[path = "stdout_36.rs"]
mod stdout;
#[path = "store.rs"]
pub(crate) mod store;
#[path = "stream.rs"]
mod stream;
#[path = "wasi.rs"]
pub(crate) mod wasi;
