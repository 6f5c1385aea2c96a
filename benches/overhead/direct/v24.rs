//! Wasmtime 24 itself, as its plain user writes it: what differs from other majors, and the rows.

use std::path::Path;

use wasmtime_compat::v24::{wasmtime, wasmtime_wasi};

use self::wasmtime_wasi::pipe::MemoryOutputPipe;
use self::wasmtime_wasi::{
    DirPerms, FilePerms, HostOutputStream as OutputStream, StreamResult, Subscribe as Pollable, WasiCtxBuilder,
    preview1 as p1,
};
use crate::shared::Result;

const NUMBER: u32 = 24;

/// The type of a table's size in limiters.
type TableSize = u32;

fn preopen(builder: &mut WasiCtxBuilder, directory: &Path) -> Result {
    builder.preopened_dir(directory, "/work", DirPerms::all(), FilePerms::all())?;
    Ok(())
}

fn async_engine() -> Result<wasmtime::Engine> {
    Ok(wasmtime::Engine::new(wasmtime::Config::new().async_support(true))?)
}

/// What follows a call of a component's function.
macro_rules! finish {
    ($func:expr, $store:expr) => {
        $func.post_return($store)?
    };
}

macro_rules! finish_async {
    ($func:expr, $store:expr) => {
        $func.post_return_async($store).await?
    };
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
#[path = "stdout_24.rs"]
mod stdout;
#[path = "store.rs"]
pub(crate) mod store;
#[path = "stream.rs"]
mod stream;
#[path = "wasi.rs"]
pub(crate) mod wasi;
