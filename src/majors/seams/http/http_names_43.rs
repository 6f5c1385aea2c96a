//! Names of HTTP, 43 to 47: everything of WASI 0.2 moves under `p2`.

pub(super) use super::wasmtime_wasi::runtime::spawn;
pub(super) use super::wasmtime_wasi_http::p2::HttpResult as Sent;
pub(super) use super::wasmtime_wasi_http::p2::add_only_http_to_linker_async as link;
pub(super) use super::wasmtime_wasi_http::p2::bindings::http::types as wit;
pub(super) use super::wasmtime_wasi_http::p2::body::{HyperIncomingBody, HyperOutgoingBody};
pub(super) use super::wasmtime_wasi_http::p2::default_send_request_handler;
pub(super) use super::wasmtime_wasi_http::p2::types::{
    HostFutureIncomingResponse, HostIncomingRequest, HostResponseOutparam, IncomingResponse, OutgoingRequestConfig,
};
pub(super) use super::wasmtime_wasi_http::p2::{WasiHttpCtxView, WasiHttpView};
