//! Names of HTTP, 19: tasks move to the root.

pub(super) use super::wasmtime_wasi::spawn;
pub(super) use super::wasmtime_wasi_http::bindings::http::types as wit;
pub(super) use super::wasmtime_wasi_http::body::{HostIncomingBody, HyperIncomingBody, HyperOutgoingBody};
pub(super) use super::wasmtime_wasi_http::proxy::add_only_http_to_linker as link;
pub(super) use super::wasmtime_wasi_http::types::{HostIncomingRequest, HostResponseOutparam};

/// The result of sending a request.
pub(super) type Sent<T> = super::wasmtime::Result<T>;
