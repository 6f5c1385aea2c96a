//! Requests of guests: the decision of the host about each.

use std::time::Duration;

use http::HeaderValue;
use http::header::HOST;

use super::http_names::{HyperIncomingBody, HyperOutgoingBody};
use super::{body_from_raw, body_to_raw};
use crate::http::{ErrorCode, HttpConfig, Outgoing, OutgoingRequest, Places};

/// The timeouts of a request.
pub(in super::super) struct Timeouts {
    pub(in super::super) connect: Duration,
    pub(in super::super) first_byte: Duration,
    pub(in super::super) between_bytes: Duration,
}

impl Timeouts {
    /// The most that all steps until the response take together. The major bounds the TCP connection, the handshake of HTTP and the
    /// first byte, but not the handshake of TLS, which a destination can leave unanswered.
    pub(in super::super) fn until_response(&self) -> Duration {
        self.connect.saturating_mul(3).saturating_add(self.first_byte)
    }
}

/// A decision about a request.
#[allow(dead_code, reason = "from 48 on the URI decides about TLS, and responses have no timeout")]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
pub(in super::super) enum Decided {
    /// The response.
    Respond(http::Response<HyperIncomingBody>, Duration),
    /// To be sent, through TLS or not.
    Send(http::Request<HyperOutgoingBody>, bool, Timeouts, Places),
}

/// The decision of the host about a request.
pub(in super::super) async fn decide(
    config: &HttpConfig,
    mut request: http::Request<HyperOutgoingBody>,
    timeouts: Timeouts,
) -> Result<Decided, ErrorCode> {
    let Timeouts { connect, first_byte, between_bytes } = timeouts;
    add_host(&mut request);
    let request = OutgoingRequest::new(request.map(body_from_raw), connect, first_byte, between_bytes);
    let (outgoing, places) = config.decide(request).await?;
    match outgoing {
        Outgoing::Deny(code) => Err(code),
        Outgoing::Respond(response) => {
            let response = config.limit_response(response, between_bytes)?.map(body_to_raw);
            Ok(Decided::Respond(held(response, places), between_bytes))
        }
        Outgoing::Send(outgoing) => {
            let use_tls = outgoing.use_tls();
            let OutgoingRequest { request, connect_timeout, first_byte_timeout, between_bytes_timeout } = outgoing;
            let timeouts = Timeouts {
                connect: connect_timeout,
                first_byte: first_byte_timeout,
                between_bytes: between_bytes_timeout,
            };
            Ok(Decided::Send(request.map(body_to_raw), use_tls, timeouts, places))
        }
    }
}

/// Adds the header `host`, which guests cannot set: 45 to 47 do so only when they send a request.
fn add_host<B>(request: &mut http::Request<B>) {
    if request.headers().contains_key(HOST) {
        return;
    }
    let host = request.uri().authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    if let Some(host) = host {
        request.headers_mut().insert(HOST, host);
    }
}

/// A response from the network, within the limits, or the code of one that is not.
pub(in super::super) fn limited(
    config: &HttpConfig,
    response: http::Response<HyperIncomingBody>,
    between_bytes: Duration,
    places: Places,
) -> Result<http::Response<HyperIncomingBody>, ErrorCode> {
    let response = config.limit_response(response.map(body_from_raw), between_bytes)?.map(body_to_raw);
    Ok(held(response, places))
}

/// A response whose request runs until the body has been read.
fn held(response: http::Response<HyperIncomingBody>, places: Places) -> http::Response<HyperIncomingBody> {
    response.map(|body| HyperIncomingBody::new(places.hold(body)))
}
