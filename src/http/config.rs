//! Owns `HttpConfig`: the version-neutral configuration of HTTP, plain reusable data.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::outgoing::{Network, OutgoingHandler};
use super::places::{Places, Running};

/// The configuration of HTTP in a store: which requests of guests leave the host, and the limits on requests and responses.
///
/// It is plain data: any number of stores can be made with one value, and cloning it is cheap.
///
/// ```
/// use std::time::Duration;
///
/// use wasmtime_compat::http::{Body, ErrorCode, HttpConfig, Outgoing, OutgoingRequest, http};
///
/// let mut config = HttpConfig::new();
/// config.timeout(Duration::from_secs(30)).max_request_body(1 << 20);
/// // Guests reach one host, and that one is answered here.
/// config.outgoing(|request: OutgoingRequest| async move {
///     match request.request.uri().host() {
///         Some("config.internal") => Outgoing::Respond(http::Response::new(Body::from("{}"))),
///         _ => Outgoing::Deny(ErrorCode::HttpRequestDenied),
///     }
/// });
/// ```
#[derive(Clone, Debug)]
pub struct HttpConfig {
    settings: Arc<Settings>,
    /// The requests of guests of one store that run, once the configuration is in a store.
    running: Running,
}

#[derive(Clone)]
pub(crate) struct Settings {
    /// `None` denies all requests.
    pub(crate) outgoing: Option<Arc<dyn OutgoingHandler>>,
    pub(crate) max_field_size: usize,
    pub(crate) max_request_body: Option<u64>,
    pub(crate) max_response_body: Option<u64>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) first_byte_timeout: Option<Duration>,
    pub(crate) between_bytes_timeout: Duration,
    pub(crate) max_outgoing_request_body: Option<u64>,
    pub(crate) max_outgoing_response_body: Option<u64>,
    pub(crate) max_outgoing_timeout: Duration,
    pub(crate) max_outgoing_requests: usize,
    pub(crate) max_outgoing_requests_total: usize,
    /// The requests of guests that run, in all stores with this configuration.
    running: Running,
}

/// The limit of Wasmtime 42 and later.
pub(crate) const MAX_FIELD_SIZE: usize = 128 * 1024;

/// Far more than guests send at a time, and less than a process may have open connections.
const MAX_OUTGOING_REQUESTS: usize = 500;

/// The timeout that Wasmtime has where nothing else is set.
const LONG: Duration = Duration::from_secs(600);

impl HttpConfig {
    /// Requests of guests are denied. There are no timeouts but the ten minutes between two chunks of a body, and bodies have any size.
    pub fn new() -> Self {
        let settings = Settings {
            outgoing: None,
            max_field_size: MAX_FIELD_SIZE,
            max_request_body: None,
            max_response_body: None,
            timeout: None,
            first_byte_timeout: None,
            between_bytes_timeout: LONG,
            max_outgoing_request_body: None,
            max_outgoing_response_body: None,
            max_outgoing_timeout: LONG,
            max_outgoing_requests: MAX_OUTGOING_REQUESTS,
            max_outgoing_requests_total: usize::MAX,
            running: Running::default(),
        };
        Self { settings: Arc::new(settings), running: Running::default() }
    }

    /// Sends requests of guests over the network, to any destination, as the major does; by default they are denied with
    /// [`ErrorCode::HttpRequestDenied`](super::ErrorCode::HttpRequestDenied).
    pub fn allow_outgoing(&mut self) -> &mut Self {
        self.outgoing(Network)
    }

    /// Decides about each request of a guest: to send it, perhaps rewritten, to deny it, or to answer it here. A handler takes the place of the one before.
    pub fn outgoing(&mut self, handler: impl OutgoingHandler) -> &mut Self {
        self.settings().outgoing = Some(Arc::new(handler));
        self
    }

    /// The size that the fields of a request or a response may have, headers or trailers; 128 KiB unless set. The size is that of
    /// names and values, with some bytes for each.
    ///
    /// Requests with larger headers are not given to a guest, and a guest that makes larger fields traps with
    /// [`Trap::LimitExceeded`](crate::Trap::LimitExceeded), on every major. If the response to a guest's own request has larger
    /// headers, the guest gets the error code `HTTP-response-header-section-size`.
    pub fn max_field_size(&mut self, bytes: usize) -> &mut Self {
        self.settings().max_field_size = bytes;
        self
    }

    /// The bytes that the body of a request to a guest may have; any number unless set. The guest's stream of a larger body fails.
    pub fn max_request_body(&mut self, bytes: u64) -> &mut Self {
        self.settings().max_request_body = Some(bytes);
        self
    }

    /// The bytes that the body of a guest's response may have; any number unless set. A larger body ends with an error, and the guest
    /// is stopped.
    pub fn max_response_body(&mut self, bytes: u64) -> &mut Self {
        self.settings().max_response_body = Some(bytes);
        self
    }

    /// The time a guest may take for a request as a whole, until the last byte of its response and its own end; unlimited unless set.
    ///
    /// The engine must check epochs ([`Config::epoch_interruption`](crate::Config::epoch_interruption)).
    pub fn timeout(&mut self, timeout: Duration) -> &mut Self {
        self.settings().timeout = Some(timeout);
        self
    }

    /// The time a guest may take until it responds; unlimited unless set.
    pub fn first_byte_timeout(&mut self, timeout: Duration) -> &mut Self {
        self.settings().first_byte_timeout = Some(timeout);
        self
    }

    /// The time that may pass between two chunks of a body, while the other side waits: of the body of a request, for which the guest
    /// waits, and of the body of its response. Ten minutes unless set, and at most that, because 18 to 47 have this limit.
    pub fn between_bytes_timeout(&mut self, timeout: Duration) -> &mut Self {
        self.settings().between_bytes_timeout = timeout.min(LONG);
        self
    }

    /// The bytes that the body of a guest's own request may have; any number unless set.
    pub fn max_outgoing_request_body(&mut self, bytes: u64) -> &mut Self {
        self.settings().max_outgoing_request_body = Some(bytes);
        self
    }

    /// The bytes that the body of a response to a guest's own request may have; any number unless set.
    pub fn max_outgoing_response_body(&mut self, bytes: u64) -> &mut Self {
        self.settings().max_outgoing_response_body = Some(bytes);
        self
    }

    /// The most that each timeout of a guest's own request may be, whatever the guest sets; ten minutes unless set.
    pub fn max_outgoing_timeout(&mut self, timeout: Duration) -> &mut Self {
        self.settings().max_outgoing_timeout = timeout;
        self
    }

    /// The requests that the guests of one store may have running at a time; 500 unless set. A request runs from the guest's call until
    /// the body of its response has been read, or the guest has dropped what it waits for.
    ///
    /// A request beyond the limit fails with
    /// [`ErrorCode::ConnectionLimitReached`](super::ErrorCode::ConnectionLimitReached), and the handler of [`HttpConfig::outgoing`] does not
    /// see it.
    pub fn max_outgoing_requests(&mut self, requests: usize) -> &mut Self {
        self.settings().max_outgoing_requests = requests;
        self
    }

    /// The requests that guests may have running at a time in all stores with this configuration or a clone that is made afterwards; any
    /// number unless set. Requests beyond the limit fail as those beyond [`HttpConfig::max_outgoing_requests`].
    pub fn max_outgoing_requests_total(&mut self, requests: usize) -> &mut Self {
        let settings = self.settings();
        settings.max_outgoing_requests_total = requests;
        settings.running = Running::default();
        self
    }

    fn settings(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }

    pub(crate) fn get(&self) -> &Settings {
        &self.settings
    }

    /// The configuration for one store, whose requests are counted apart.
    pub(crate) fn for_store(&self) -> Self {
        Self { settings: Arc::clone(&self.settings), running: Running::default() }
    }

    /// The places of one more request of a guest, unless too many run.
    #[allow(dead_code, reason = "only majors call it")]
    pub(crate) fn places(&self) -> Option<Places> {
        let settings = self.get();
        let in_all = (&settings.running, settings.max_outgoing_requests_total);
        Places::take((&self.running, settings.max_outgoing_requests), in_all)
    }
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("max_field_size", &self.max_field_size)
            .field("max_request_body", &self.max_request_body)
            .field("max_response_body", &self.max_response_body)
            .field("timeout", &self.timeout)
            .field("first_byte_timeout", &self.first_byte_timeout)
            .field("between_bytes_timeout", &self.between_bytes_timeout)
            .field("max_outgoing_request_body", &self.max_outgoing_request_body)
            .field("max_outgoing_response_body", &self.max_outgoing_response_body)
            .field("max_outgoing_timeout", &self.max_outgoing_timeout)
            .field("max_outgoing_requests", &self.max_outgoing_requests)
            .field("max_outgoing_requests_total", &self.max_outgoing_requests_total)
            .finish_non_exhaustive()
    }
}
