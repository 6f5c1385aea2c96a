//! Names, 18: everything lives under `preview2`.

pub(super) use super::wasmtime_wasi::preview2::bindings;
pub(super) use super::wasmtime_wasi::preview2::command::{
    add_to_linker as link_p2_async, sync::add_to_linker as link_p2_sync,
};
#[allow(unused_imports, reason = "only majors whose calls are checked here block on them")]
pub(super) use super::wasmtime_wasi::preview2::in_tokio;
pub(super) use super::wasmtime_wasi::preview2::pipe::MemoryInputPipe;
pub(super) use super::wasmtime_wasi::preview2::subscribe;
pub(super) use super::wasmtime_wasi::preview2::{
    DirPerms, FilePerms, HostInputStream as InputStream, HostOutputStream as OutputStream, I32Exit, StdinStream,
    StdoutStream, StreamError, StreamResult, Subscribe as Pollable, WasiCtx, WasiCtxBuilder, WasiView, preview1,
};
pub(super) use super::wasmtime_wasi::preview2::{HostMonotonicClock, HostWallClock};
