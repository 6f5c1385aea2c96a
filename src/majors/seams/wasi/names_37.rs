//! Names, 37 and later: `preview1` becomes `p1`.

pub(super) use super::wasmtime_wasi::cli::{IsTerminal, StdinStream, StdoutStream};
pub(super) use super::wasmtime_wasi::p1::{self as preview1, WasiP1Ctx};
pub(super) use super::wasmtime_wasi::p2::bindings;
pub(super) use super::wasmtime_wasi::p2::pipe::MemoryInputPipe;
pub(super) use super::wasmtime_wasi::p2::subscribe;
pub(super) use super::wasmtime_wasi::p2::{
    InputStream, OutputStream, Pollable, StreamError, StreamResult, add_to_linker_async as link_p2_async,
    add_to_linker_sync as link_p2_sync,
};
#[allow(unused_imports, reason = "only majors whose calls are checked here block on them")]
pub(super) use super::wasmtime_wasi::runtime::in_tokio;
#[allow(unused_imports, reason = "how the enum is named depends on the major")]
pub(super) use super::wasmtime_wasi::sockets::SocketAddrUse;
pub(super) use super::wasmtime_wasi::{HostMonotonicClock, HostWallClock};
pub(super) use super::wasmtime_wasi::{I32Exit, WasiCtxBuilder, WasiCtxView, WasiView};
