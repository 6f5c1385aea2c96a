//! Names of HTTP, 23 to 42: the link functions move to the root.

pub(super) use super::wasmtime_wasi::runtime::spawn;
pub(super) use super::wasmtime_wasi_http::HttpResult as Sent;
pub(super) use super::wasmtime_wasi_http::add_only_http_to_linker_async as link;
pub(super) use super::wasmtime_wasi_http::bindings::http::types as wit;
pub(super) use super::wasmtime_wasi_http::body::{HostIncomingBody, HyperIncomingBody, HyperOutgoingBody};
pub(super) use super::wasmtime_wasi_http::types::{
    HostFutureIncomingResponse, HostIncomingRequest, HostResponseOutparam, IncomingResponse, OutgoingRequestConfig,
    default_send_request_handler,
};
