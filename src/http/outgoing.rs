//! Owns requests of guests: the hook that decides about each, and its decisions.

use std::future::{Future, ready};
use std::pin::Pin;
use std::time::Duration;

use super::guarded::{Bounds, Message, guarded};
use super::{ErrorCode, HttpConfig, Places, Request, Response, held};

/// A request of a guest, before anything is sent.
///
/// The URI has scheme, authority and path as the guest set them; `https` is meant where the guest set no scheme. Requests with other
/// schemes than `http` and `https` do not come here: Wasmtime denies them.
///
/// ```
/// use std::time::Duration;
///
/// use wasmtime_compat::http::{Body, HttpConfig, Outgoing, OutgoingRequest, Request, http};
///
/// /// Adds a credential that the guest never sees.
/// fn authorize(request: &mut Request) {
///     request.headers_mut().insert("authorization", http::HeaderValue::from_static("Bearer secret"));
/// }
///
/// let mut config = HttpConfig::new();
/// config.outgoing(|mut outgoing: OutgoingRequest| async move {
///     authorize(&mut outgoing.request);
///     outgoing.connect_timeout = outgoing.connect_timeout.min(Duration::from_secs(5));
///     Outgoing::Send(outgoing)
/// });
/// let mut request = Request::new(Body::empty());
/// authorize(&mut request);
/// assert!(request.headers().contains_key("authorization"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct OutgoingRequest {
    /// The request. A changed URI is where it is sent to; its scheme decides about TLS.
    pub request: Request,
    /// The time for connecting.
    pub connect_timeout: Duration,
    /// The time until the response begins.
    pub first_byte_timeout: Duration,
    /// The time between two chunks of the response.
    pub between_bytes_timeout: Duration,
}

/// A decision about a request of a guest.
///
/// ```
/// use wasmtime_compat::http::{Body, ErrorCode, Outgoing, Response};
///
/// /// One host is answered here, and there is no other.
/// fn decide(host: &str) -> Outgoing {
///     match host {
///         "config.internal" => Outgoing::Respond(Response::new(Body::from("{}"))),
///         _ => Outgoing::Deny(ErrorCode::DestinationNotFound),
///     }
/// }
///
/// assert!(matches!(decide("config.internal"), Outgoing::Respond(response) if response.status() == 200));
/// assert!(matches!(decide("example.com"), Outgoing::Deny(ErrorCode::DestinationNotFound)));
/// ```
#[derive(Debug)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
pub enum Outgoing {
    /// Send the request over the network, as the major does: the guest's, or another one.
    Send(OutgoingRequest),
    /// Respond here. Nothing is sent.
    Respond(Response),
    /// Fail with this code. Nothing is sent.
    Deny(ErrorCode),
}

/// The future of a decision.
pub type OutgoingFuture = Pin<Box<dyn Future<Output = Outgoing> + Send>>;

/// Decides about requests of guests; see [`HttpConfig::outgoing`]. Functions that return the future of a decision are handlers.
///
/// The guest goes on meanwhile, and may end before the decision, which is then dropped.
///
/// ```
/// use wasmtime_compat::http::http::Uri;
/// use wasmtime_compat::http::{ErrorCode, HttpConfig, Outgoing, OutgoingFuture, OutgoingHandler, OutgoingRequest};
///
/// /// Sends requests to one host only.
/// struct Only(&'static str);
///
/// impl Only {
///     fn permits(&self, uri: &Uri) -> bool {
///         uri.host() == Some(self.0)
///     }
/// }
///
/// impl OutgoingHandler for Only {
///     fn handle(&self, request: OutgoingRequest) -> OutgoingFuture {
///         let decision = match self.permits(request.request.uri()) {
///             true => Outgoing::Send(request),
///             false => Outgoing::Deny(ErrorCode::HttpRequestDenied),
///         };
///         Box::pin(std::future::ready(decision))
///     }
/// }
///
/// let only = Only("api.example.com");
/// assert!(!only.permits(&Uri::from_static("https://example.com/")));
/// HttpConfig::new().outgoing(only);
/// ```
pub trait OutgoingHandler: Send + Sync + 'static {
    /// The decision about a request.
    fn handle(&self, request: OutgoingRequest) -> OutgoingFuture;
}

impl<F, D> OutgoingHandler for F
where
    F: Fn(OutgoingRequest) -> D + Send + Sync + 'static,
    D: Future<Output = Outgoing> + Send + 'static,
{
    fn handle(&self, request: OutgoingRequest) -> OutgoingFuture {
        Box::pin(self(request))
    }
}

/// Sends all requests.
pub(super) struct Network;

impl OutgoingHandler for Network {
    fn handle(&self, request: OutgoingRequest) -> OutgoingFuture {
        Box::pin(ready(Outgoing::Send(request)))
    }
}

#[allow(dead_code, reason = "only majors call these")]
impl OutgoingRequest {
    pub(crate) fn new(request: Request, connect: Duration, first_byte: Duration, between_bytes: Duration) -> Self {
        Self { request, connect_timeout: connect, first_byte_timeout: first_byte, between_bytes_timeout: between_bytes }
    }

    /// Whether it is sent through TLS.
    pub(crate) fn use_tls(&self) -> bool {
        self.request.uri().scheme() == Some(&::http::uri::Scheme::HTTPS)
    }
}

#[allow(dead_code, reason = "only majors call these")]
impl HttpConfig {
    /// The decision about a request, within the limits, and the places that the request has while it runs.
    ///
    /// # Errors
    /// The code of a request that is not decided about.
    pub(crate) async fn decide(&self, mut outgoing: OutgoingRequest) -> Result<(Outgoing, Places), ErrorCode> {
        let settings = self.get();
        let handler = settings.outgoing.as_ref().ok_or(ErrorCode::HttpRequestDenied)?;
        let places = self.places().ok_or(ErrorCode::ConnectionLimitReached)?;
        let longest = settings.max_outgoing_timeout;
        let bounds = Bounds {
            message: Message::Request,
            limit: settings.max_outgoing_request_body,
            max_field_size: settings.max_field_size,
            pause: settings.between_bytes_timeout,
        };
        outgoing.request = outgoing.request.map(|body| guarded(body, bounds));
        outgoing.connect_timeout = outgoing.connect_timeout.min(longest);
        outgoing.first_byte_timeout = outgoing.first_byte_timeout.min(longest);
        outgoing.between_bytes_timeout = outgoing.between_bytes_timeout.min(longest);
        Ok((handler.handle(outgoing).await, places))
    }

    /// A response to a guest's request, within the limits.
    ///
    /// # Errors
    /// The code of a response whose headers are too large.
    pub(crate) fn limit_response(&self, response: Response, between_bytes: Duration) -> Result<Response, ErrorCode> {
        let size = held::fields_size(response.headers());
        if size > self.get().max_field_size {
            return Err(ErrorCode::HttpResponseHeaderSectionSize(u32::try_from(size).ok()));
        }
        let bounds = Bounds {
            message: Message::Response,
            limit: self.get().max_outgoing_response_body,
            max_field_size: self.get().max_field_size,
            pause: between_bytes,
        };
        Ok(response.map(|body| guarded(body, bounds)))
    }
}
