//! Names of HTTP, 20: tasks move to `runtime`, and sending a request has an error type of its own.

pub(super) use super::wasmtime_wasi::runtime::spawn;
pub(super) use super::wasmtime_wasi_http::HttpResult as Sent;
pub(super) use super::wasmtime_wasi_http::bindings::http::types as wit;
pub(super) use super::wasmtime_wasi_http::body::{HostIncomingBody, HyperIncomingBody, HyperOutgoingBody};
pub(super) use super::wasmtime_wasi_http::proxy::add_only_http_to_linker as link;
pub(super) use super::wasmtime_wasi_http::types::{HostIncomingRequest, HostResponseOutparam};
