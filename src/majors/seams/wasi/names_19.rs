//! Names, 19: everything moves to the root; `WasiP1Ctx` appears there.

pub(super) use super::wasmtime_wasi::bindings;
pub(super) use super::wasmtime_wasi::command::{add_to_linker as link_p2_async, sync::add_to_linker as link_p2_sync};
#[allow(unused_imports, reason = "only majors whose calls are checked here block on them")]
pub(super) use super::wasmtime_wasi::in_tokio;
pub(super) use super::wasmtime_wasi::pipe::MemoryInputPipe;
pub(super) use super::wasmtime_wasi::subscribe;
pub(super) use super::wasmtime_wasi::{
    DirPerms, FilePerms, HostInputStream as InputStream, HostOutputStream as OutputStream, I32Exit, StdinStream,
    StdoutStream, StreamError, StreamResult, Subscribe as Pollable, WasiCtx, WasiCtxBuilder, WasiP1Ctx, WasiView,
    preview1,
};
pub(super) use super::wasmtime_wasi::{HostMonotonicClock, HostWallClock};
