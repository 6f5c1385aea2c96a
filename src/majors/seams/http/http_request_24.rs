//! Requests to guests, 24, 36, and 40 to 42: fields have a largest size.

use std::time::Duration;

use super::common::StoreData;
use super::http_names::{HostIncomingBody, HostIncomingRequest, HyperIncomingBody, wit};
use super::view;
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
    pause: Duration,
) -> wasmtime::Result<Resource<HostIncomingRequest>> {
    let max_field_size = data.http_config().get().max_field_size;
    let (parts, body) = request.into_parts();
    let body = HostIncomingBody::new(body, pause, max_field_size);
    let request = HostIncomingRequest::new(data, parts, scheme, Some(body), max_field_size)?;
    Ok(view::table(data.wasi_mut()).push(request)?)
}
