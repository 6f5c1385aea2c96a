//! Names, 36: context and builder move back to the root, the standard streams to `cli`.

pub(super) use super::wasmtime_wasi::SocketAddrUse;
pub(super) use super::wasmtime_wasi::cli::{IsTerminal, StdinStream, StdoutStream};
pub(super) use super::wasmtime_wasi::p2::bindings;
pub(super) use super::wasmtime_wasi::p2::pipe::MemoryInputPipe;
pub(super) use super::wasmtime_wasi::p2::subscribe;
pub(super) use super::wasmtime_wasi::p2::{
    InputStream, OutputStream, Pollable, StreamError, StreamResult, add_to_linker_async as link_p2_async,
    add_to_linker_sync as link_p2_sync,
};
pub(super) use super::wasmtime_wasi::preview1::{self, WasiP1Ctx};
#[allow(unused_imports, reason = "only majors whose calls are checked here block on them")]
pub(super) use super::wasmtime_wasi::runtime::in_tokio;
pub(super) use super::wasmtime_wasi::{HostMonotonicClock, HostWallClock};
pub(super) use super::wasmtime_wasi::{I32Exit, WasiCtxBuilder, WasiCtxView, WasiView};
