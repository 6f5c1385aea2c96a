//! Names, 20 to 29: `WasiP1Ctx` moves to `preview1`, and the link functions to the root.

#[allow(unused_imports, reason = "how the enum is named depends on the major")]
pub(super) use super::wasmtime_wasi::SocketAddrUse;
pub(super) use super::wasmtime_wasi::bindings;
pub(super) use super::wasmtime_wasi::pipe::MemoryInputPipe;
pub(super) use super::wasmtime_wasi::preview1::{self, WasiP1Ctx};
#[allow(unused_imports, reason = "only majors whose calls are checked here block on them")]
pub(super) use super::wasmtime_wasi::runtime::in_tokio;
pub(super) use super::wasmtime_wasi::subscribe;
pub(super) use super::wasmtime_wasi::{
    HostInputStream as InputStream, HostOutputStream as OutputStream, I32Exit, StdinStream, StdoutStream, StreamError,
    StreamResult, Subscribe as Pollable, WasiCtx, WasiCtxBuilder, WasiView, add_to_linker_async as link_p2_async,
    add_to_linker_sync as link_p2_sync,
};
pub(super) use super::wasmtime_wasi::{HostMonotonicClock, HostWallClock};
