//! Sending requests of guests, 18 to 20: the default is reached through a view with a table. It wants the port in the authority.

use std::sync::Arc;

use super::http_names::{HyperOutgoingBody, spawn, wit::ErrorCode};
use super::wasmtime::component::ResourceTable;
use super::wasmtime_wasi_http::types::{
    HostFutureIncomingResponse, IncomingResponseInternal, OutgoingRequest, default_send_request,
};
use super::wasmtime_wasi_http::{WasiHttpCtx, WasiHttpView};
use super::web::{Decided, Timeouts, decide, limited, to_wit};
use crate::http::HttpConfig;

/// The response to a request.
pub(super) async fn respond(
    config: HttpConfig,
    outgoing: OutgoingRequest,
) -> Result<IncomingResponseInternal, ErrorCode> {
    let OutgoingRequest { use_tls, mut request, connect_timeout, first_byte_timeout, between_bytes_timeout, .. } =
        outgoing;
    remove_port(&mut request, use_tls);
    let timeouts =
        Timeouts { connect: connect_timeout, first_byte: first_byte_timeout, between_bytes: between_bytes_timeout };
    match decide(&config, request, timeouts).await.map_err(to_wit)? {
        Decided::Respond(resp, between_bytes_timeout) => {
            Ok(IncomingResponseInternal { resp, worker: Arc::new(spawn(async {})), between_bytes_timeout })
        }
        Decided::Send(request, use_tls, timeouts, places) => {
            let authority = request.uri().authority().ok_or(ErrorCode::HttpRequestUriInvalid)?;
            let authority = match authority.port() {
                Some(_) => authority.to_string(),
                None => format!("{authority}:{}", default_port(use_tls)),
            };
            let most = timeouts.until_response();
            let request = OutgoingRequest {
                use_tls,
                authority,
                request,
                connect_timeout: timeouts.connect,
                first_byte_timeout: timeouts.first_byte,
                between_bytes_timeout: timeouts.between_bytes,
            };
            let sent = tokio::time::timeout(most, send(request)).await;
            let IncomingResponseInternal { resp, worker, between_bytes_timeout } =
                sent.map_err(|_| ErrorCode::ConnectionTimeout)??;
            let resp = limited(&config, resp, between_bytes_timeout, places).map_err(to_wit)?;
            Ok(IncomingResponseInternal { resp, worker, between_bytes_timeout })
        }
    }
}

async fn send(request: OutgoingRequest) -> Result<IncomingResponseInternal, ErrorCode> {
    let mut sender = Sender { ctx: WasiHttpCtx, table: ResourceTable::new() };
    let future = default_send_request(&mut sender, request).map_err(|error| failed(&error))?;
    match sender.table.delete(future).map_err(|error| failed(&error))? {
        HostFutureIncomingResponse::Pending(handle) => handle.await,
        HostFutureIncomingResponse::Ready(response) => response,
        HostFutureIncomingResponse::Consumed => return Err(ErrorCode::HttpResponseIncomplete),
    }
    .map_err(|error| failed(&error))?
}

fn failed(error: &dyn std::fmt::Display) -> ErrorCode {
    ErrorCode::InternalError(Some(error.to_string()))
}

fn default_port(use_tls: bool) -> u16 {
    if use_tls { 443 } else { 80 }
}

/// Removes the port that the major adds.
fn remove_port(request: &mut http::Request<HyperOutgoingBody>, use_tls: bool) {
    let Some(authority) = request.uri().authority() else { return };
    let suffix = format!(":{}", default_port(use_tls));
    let Some(Ok(host)) = authority.as_str().strip_suffix(&suffix).map(http::uri::Authority::try_from) else { return };
    if let Ok(value) = http::HeaderValue::from_str(host.as_str()) {
        request.headers_mut().insert(http::header::HOST, value);
    }
    let mut parts = request.uri().clone().into_parts();
    parts.authority = Some(host);
    if let Ok(uri) = http::Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

struct Sender {
    ctx: WasiHttpCtx,
    table: ResourceTable,
}

impl WasiHttpView for Sender {
    fn ctx(&mut self) -> &mut WasiHttpCtx {
        &mut self.ctx
    }

    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}
