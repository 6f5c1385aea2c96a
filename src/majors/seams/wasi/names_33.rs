//! Names, 33 to 35: most of it moves under `p2`.

pub(super) use super::wasmtime_wasi::I32Exit;
pub(super) use super::wasmtime_wasi::SocketAddrUse;
pub(super) use super::wasmtime_wasi::p2::pipe::MemoryInputPipe;
pub(super) use super::wasmtime_wasi::p2::subscribe;
pub(super) use super::wasmtime_wasi::p2::{
    InputStream, IoView, OutputStream, Pollable, StdinStream, StdoutStream, StreamError, StreamResult, WasiCtx,
    WasiCtxBuilder, WasiView, add_to_linker_async as link_p2_async, add_to_linker_sync as link_p2_sync,
};
#[allow(unused_imports, reason = "only majors whose calls are checked here have a use for them")]
pub(super) use super::wasmtime_wasi::p2::{IoImpl, WasiImpl, bindings};
pub(super) use super::wasmtime_wasi::preview1::{self, WasiP1Ctx};
#[allow(unused_imports, reason = "only majors whose calls are checked here block on them")]
pub(super) use super::wasmtime_wasi::runtime::in_tokio;
pub(super) use super::wasmtime_wasi::{HostMonotonicClock, HostWallClock};
