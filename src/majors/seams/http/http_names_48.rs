//! Names of HTTP, 48 and later: what WASI 0.2 and 0.3 have in common is in the root again.

pub(super) use super::wasmtime_wasi_http::p2::add_only_http_to_linker_async as link;
pub(super) use super::wasmtime_wasi_http::p2::bindings::http::types as wit;
pub(super) use super::wasmtime_wasi_http::p2::body::{HyperIncomingBody, HyperOutgoingBody};
pub(super) use super::wasmtime_wasi_http::p2::types::{HostIncomingRequest, HostResponseOutparam};
pub(super) use super::wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};
