//! Requests to guests, 43 and later: only the view makes them, and decides about the pauses of bodies.

use std::time::Duration;

use super::common::StoreData;
use super::http_names::{HostIncomingRequest, HyperIncomingBody, WasiHttpView as _, wit};
use super::wasmtime::{self, component::Resource};
use super::wasmtime_wasi_http::WasiHttpCtx;
use crate::bounds::Data;

pub(super) fn context(max_field_size: usize) -> WasiHttpCtx {
    let mut context = WasiHttpCtx::new();
    context.set_field_size_limit(max_field_size);
    context
}

/// Puts a request into a store.
pub(super) fn incoming<T: Data + Send>(
    data: &mut StoreData<T>,
    scheme: wit::Scheme,
    request: http::Request<HyperIncomingBody>,
    _: Duration,
) -> wasmtime::Result<Resource<HostIncomingRequest>> {
    data.http().new_incoming_request(scheme, request)
}
