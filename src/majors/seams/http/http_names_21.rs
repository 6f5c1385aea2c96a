//! Names of HTTP, 21 and 22: requests are sent by a function without a view.

pub(super) use super::wasmtime_wasi::runtime::spawn;
pub(super) use super::wasmtime_wasi_http::HttpResult as Sent;
pub(super) use super::wasmtime_wasi_http::bindings::http::types as wit;
pub(super) use super::wasmtime_wasi_http::body::{HostIncomingBody, HyperIncomingBody, HyperOutgoingBody};
pub(super) use super::wasmtime_wasi_http::proxy::add_only_http_to_linker as link;
pub(super) use super::wasmtime_wasi_http::types::{
    HostFutureIncomingResponse, HostIncomingRequest, HostResponseOutparam, IncomingResponse, OutgoingRequestConfig,
    default_send_request_handler,
};
