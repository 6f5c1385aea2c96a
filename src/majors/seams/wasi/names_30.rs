//! Names, 30 to 32: the stream traits lose their `Host`, `Subscribe` becomes `Pollable`, `IoView` appears.

pub(super) use super::wasmtime_wasi::SocketAddrUse;
pub(super) use super::wasmtime_wasi::pipe::MemoryInputPipe;
pub(super) use super::wasmtime_wasi::preview1::{self, WasiP1Ctx};
#[allow(unused_imports, reason = "only majors whose calls are checked here block on them")]
pub(super) use super::wasmtime_wasi::runtime::in_tokio;
pub(super) use super::wasmtime_wasi::subscribe;
pub(super) use super::wasmtime_wasi::{HostMonotonicClock, HostWallClock};
pub(super) use super::wasmtime_wasi::{
    I32Exit, InputStream, IoView, OutputStream, Pollable, StdinStream, StdoutStream, StreamError, StreamResult,
    WasiCtx, WasiCtxBuilder, WasiView, add_to_linker_async as link_p2_async, add_to_linker_sync as link_p2_sync,
};
#[allow(unused_imports, reason = "only majors whose calls are checked here have a use for them")]
pub(super) use super::wasmtime_wasi::{IoImpl, WasiImpl, bindings};
