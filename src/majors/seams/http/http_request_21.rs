//! Requests to guests, 21 and 22: the context has a constructor.

use std::time::Duration;

use super::common::StoreData;
use super::http_names::{HostIncomingBody, HostIncomingRequest, HyperIncomingBody, wit};
use super::view;
use super::wasmtime::{self, component::Resource};
use super::wasmtime_wasi_http::WasiHttpCtx;
use crate::bounds::Data;

pub(super) fn context(_: usize) -> WasiHttpCtx {
    WasiHttpCtx::new()
}

/// Puts a request into a store.
pub(super) fn incoming<T: Data + Send>(
    data: &mut StoreData<T>,
    _: wit::Scheme,
    request: http::Request<HyperIncomingBody>,
    pause: Duration,
) -> wasmtime::Result<Resource<HostIncomingRequest>> {
    let (parts, body) = request.into_parts();
    let body = HostIncomingBody::new(body, pause);
    let request = HostIncomingRequest::new(data, parts, Some(body));
    Ok(view::table(data.wasi_mut()).push(request)?)
}
