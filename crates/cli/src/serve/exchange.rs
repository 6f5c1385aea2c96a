//! Owns one request and its response: the guest's, or the server's own if the guest does not respond.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use wasmtime_compat::http::http::{self, Method, StatusCode, header};
use wasmtime_compat::http::{Body, ErrorCode, HttpConfig};
use wasmtime_compat::{AnyProxy, Error, ErrorKind, RunConfig};

use super::log::{self, Log, Stream};
use super::output;
use super::places::Busy;

/// How long a request waits for others to end when too many are running.
const MOMENT: Duration = Duration::from_millis(100);

/// What requests share.
pub(super) struct Handler {
    pub(super) proxy: Box<dyn AnyProxy>,
    pub(super) run: RunConfig,
    pub(super) http: HttpConfig,
    pub(super) log: Log,
    /// A permit for each request that may run at a time. A request has it until its response is sent and its guest has ended.
    pub(super) permits: Arc<Semaphore>,
    /// Requests so far.
    pub(super) requests: AtomicU64,
}

impl Handler {
    /// Has the guest respond. There is a response whatever the guest does, and a record from now on: a client can be gone before
    /// the response is polled.
    pub(super) fn respond(
        self: Arc<Self>,
        request: http::Request<Incoming>,
        client: SocketAddr,
        busy: Busy,
    ) -> impl Future<Output = http::Response<Sent>> {
        let id = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let record = Record::new(self.log, id, &request, client, busy);
        self.responded(request, record)
    }

    async fn responded(self: Arc<Self>, request: http::Request<Incoming>, mut record: Record) -> http::Response<Sent> {
        let Some(permit) = self.permit().await else {
            record.failed("too many requests are running", None);
            return own(StatusCode::SERVICE_UNAVAILABLE, record);
        };
        let permit = Arc::new(permit);
        record.permit = Some(Arc::clone(&permit));
        let response = {
            let mut run = self.run.clone();
            let id = record.request.id;
            let stream = |stream| output::stream(self.log, id, stream);
            run.wasi.stdout(stream(Stream::Stdout)).stderr(stream(Stream::Stderr));
            self.proxy.handle_then(&run, &self.http, request.map(Body::new), Box::new(move |_| drop(permit)))
        };
        match response.await {
            Ok(response) => {
                let (parts, body) = response.into_parts();
                record.request.status = Some(parts.status.as_u16());
                http::Response::from_parts(parts, Sent { body, record })
            }
            Err(error) => {
                record.failed(&format!("{error:#}"), Some(error.kind()));
                own(status(&error), record)
            }
        }
    }
}

impl Handler {
    /// One of the requests that may run at a time, unless none becomes free in a moment: a client may send a request when it has the
    /// response to the one before, just before the guest of that one returns.
    async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        let free = || Arc::clone(&self.permits);
        match free().try_acquire_owned() {
            Ok(permit) => Some(permit),
            Err(_) => timeout(MOMENT, free().acquire_owned()).await.ok()?.ok(),
        }
    }
}

/// The status of a response that the guest does not make.
fn status(error: &Error) -> StatusCode {
    match (error.http_error_code(), error.kind()) {
        (Some(ErrorCode::HttpRequestHeaderSectionSize(_)), _) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        (Some(ErrorCode::HttpRequestBodySize(_)), _) => StatusCode::PAYLOAD_TOO_LARGE,
        (Some(_), _) => StatusCode::BAD_GATEWAY,
        (None, ErrorKind::InvalidArgument) => StatusCode::BAD_REQUEST,
        (None, ErrorKind::TimedOut) => StatusCode::GATEWAY_TIMEOUT,
        (None, ErrorKind::PoolExhausted) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A response of the server's own. What went wrong is in the log: clients get the status only.
fn own(status: StatusCode, mut record: Record) -> http::Response<Sent> {
    record.request.status = Some(status.as_u16());
    let body = Body::from(format!("{status}\n"));
    let mut response = http::Response::new(Sent { body, record });
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// A request that is reported when this is dropped.
pub(super) struct Record {
    request: log::Request,
    log: Log,
    started: Instant,
    has_no_body: bool,
    ended: bool,
    permit: Option<Arc<OwnedSemaphorePermit>>,
    _busy: Busy,
}

impl Record {
    fn new(log: Log, id: u64, request: &http::Request<Incoming>, client: SocketAddr, busy: Busy) -> Self {
        let uri = request.uri();
        let request_line = log::Request {
            id,
            client: client.to_string(),
            method: request.method().to_string(),
            path: uri.path().to_owned(),
            query: uri.query().map(str::to_owned),
            status: None,
            bytes: 0,
            seconds: 0.0,
            error: None,
            error_kind: None,
        };
        let has_no_body = request.method() == Method::HEAD;
        let started = Instant::now();
        Self { request: request_line, log, started, has_no_body, ended: false, permit: None, _busy: busy }
    }

    fn failed(&mut self, error: &str, kind: Option<ErrorKind>) {
        // The first error is the cause.
        if self.request.error.is_none() {
            self.request.error = Some(error.to_owned());
            self.request.error_kind = kind.map(ErrorKind::name);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let has_no_body = self.has_no_body || matches!(self.request.status, Some(204 | 304));
        match self.request.status {
            None => self.failed("the client went away before the response", None),
            Some(_) if !self.ended && !has_no_body => self.failed("the client went away during the response", None),
            Some(_) => {}
        }
        self.request.seconds = self.started.elapsed().as_secs_f64();
        self.log.request(&self.request);
    }
}

/// The body of a response on its way to the client.
pub(super) struct Sent {
    body: Body,
    record: Record,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let polled = ready!(Pin::new(&mut this.body).poll_frame(context));
        match &polled {
            Some(Ok(frame)) => {
                let size = frame.data_ref().map_or(0, Bytes::len);
                this.record.request.bytes += u64::try_from(size).unwrap_or(u64::MAX);
            }
            Some(Err(error)) => {
                this.record.failed(&format!("{error:#}"), Some(error.kind()));
                this.record.ended = true;
            }
            None => this.record.ended = true,
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        // A body of known length is not polled after its last byte.
        self.record.ended |= self.body.is_end_stream() || self.body.size_hint().exact() == Some(0);
    }
}
