//! Owns one exchange: the task of a guest that responds to a request, and the response that is bound to the task.

use std::future::Future;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::guarded::{Bounds, Message, fields_within, guarded};
use super::{Body, ErrorCode, HttpConfig, HttpWasmtime, Request, Response};
use crate::bounds::Data;
use crate::command;
use crate::component::{ComponentExportIndex, InstancePre};
use crate::engine::{Engine, Engines};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Epochs, Store};

/// What a guest responds with; `None` if it cannot respond any more.
pub type Answer = Pin<Box<dyn Future<Output = Option<Result<Response, ErrorCode>>> + Send>>;

/// Responds to a request by a new instance in the store.
pub(super) async fn run<W: HttpWasmtime, T: Data + Send, F>(
    pre: InstancePre<W, T>,
    handler: ComponentExportIndex<W>,
    mut store: Store<W, T>,
    request: Request,
    end: F,
) -> Result<Response>
where
    F: FnOnce(&mut Store<W, T>, Result<(), &Error>) + Send + 'static,
{
    let started = Instant::now();
    let runtime = Handle::try_current().map_err(|_| no_runtime())?;
    // Bodies have a clock, which panics in a runtime without time. There is no other way to find out.
    catch_unwind(|| drop(sleep(Duration::ZERO))).map_err(|_| no_time())?;
    store.as_context().ambient().mode.check_async()?;
    let config = store.as_context().ambient().http.clone().unwrap_or_default();
    let settings = config.get().clone();
    let is_head = request.method() == Method::HEAD;
    let request = incoming(request, &config)?;
    let deadline = settings.timeout.and_then(|timeout| started.checked_add(timeout));
    match settings.timeout {
        Some(timeout) => store.set_timeout(timeout)?,
        None => store.watch_time()?,
    }
    W::expect_engine(&store.as_context_mut().raw, pre.engine().as_raw())?;
    let (exchange, answer) = W::begin_exchange(store.as_raw_mut(), request)?;
    let stop = Stop { engine: store.engine().clone(), epochs: store.as_context().ambient().epochs.clone() };
    let ending = Ending::default();
    let guest = {
        let ending = ending.clone();
        async move {
            let serve = async {
                let instance = pre.instantiate_async(&mut store).await?;
                W::call_handler(instance.as_raw(), store.as_context_mut().raw, handler.as_raw(), exchange).await
            };
            let result = command::guarded(serve, deadline).await;
            end(&mut store, result.as_ref().copied());
            // Before the store goes, which closes the body of the response.
            ending.set(result);
        }
    };
    let task = Task { handle: runtime.spawn(guest).abort_handle(), stop: Some(stop) };
    let first = settings.first_byte_timeout.and_then(|timeout| started.checked_add(timeout));
    let mut answered = None;
    // The clock of timeouts wakes this also while guests keep the runtime busy.
    let wait = async {
        answered = answer.await;
        Ok(())
    };
    command::guarded(wait, first).await?;
    match answered {
        Some(Ok(response)) => {
            if response.status().is_informational() {
                return Err(not_final(response.status()));
            }
            fields_within(response.headers(), settings.max_field_size, ErrorCode::HttpResponseHeaderSectionSize)?;
            let length = content_length(response.headers())?;
            let has_no_body = is_head || matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
            let bounds = Bounds {
                message: Message::Response,
                limit: settings.max_response_body,
                max_field_size: settings.max_field_size,
                pause: settings.between_bytes_timeout,
            };
            Ok(response.map(|body| {
                let body = guarded(body, bounds);
                Body::new(Bound { body, ending, task: Some(task), left: length, has_no_body, failed: None })
            }))
        }
        Some(Err(code)) => {
            // The guest has responded, and may have something to do yet.
            task.release();
            Err(Error::from_http("the guest responded with an error", code))
        }
        None => Err(ending.error().unwrap_or_else(no_response)),
    }
}

/// A request as guests see it: with a whole URI, and within the limits.
fn incoming(request: Request, config: &HttpConfig) -> Result<Request> {
    let (mut parts, body) = request.into_parts();
    let settings = config.get();
    fields_within(&parts.headers, settings.max_field_size, ErrorCode::HttpRequestHeaderSectionSize)?;
    let mut uri = parts.uri.into_parts();
    if uri.authority.is_none() {
        uri.authority = Some(host(&parts.headers)?);
    }
    uri.scheme.get_or_insert(Scheme::HTTP);
    uri.path_and_query.get_or_insert(PathAndQuery::from_static("/"));
    parts.uri = Uri::from_parts(uri).map_err(|error| {
        Error::new(ErrorKind::InvalidArgument, "the URI of the request is not valid").with_source(error)
    })?;
    let bounds = Bounds {
        message: Message::Request,
        limit: settings.max_request_body,
        max_field_size: settings.max_field_size,
        pause: settings.between_bytes_timeout,
    };
    Ok(Request::from_parts(parts, guarded(body, bounds)))
}

/// The authority in the header `Host`. Servers on the way disagree about several headers, and about a user before the host.
fn host(headers: &HeaderMap) -> Result<Authority> {
    let mut values = headers.get_all(header::HOST).iter();
    let (host, another) = (values.next(), values.next());
    let host = host.filter(|host| another.is_none() && !host.as_bytes().contains(&b'@'));
    host.and_then(|host| Authority::try_from(host.as_bytes()).ok()).ok_or_else(|| no_authority(headers))
}

/// The length that the guest has declared. Servers send the header as it is, and trust it. Majors before 48 let guests set several
/// values, and those before 46 a value such as `+5`: clients and servers on the way disagree about both.
fn content_length(headers: &HeaderMap) -> Result<Option<u64>> {
    let mut values = headers.get_all(header::CONTENT_LENGTH).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let digits = value.to_str().ok().filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
    match (digits.and_then(|digits| digits.parse::<u64>().ok()), values.next()) {
        (Some(length), None) => Ok(Some(length)),
        _ => Err(Error::from_http("the guest declared no valid length of its response", ErrorCode::HttpProtocolError)),
    }
}

/// How a guest ended, once it has.
#[derive(Clone, Default)]
struct Ending(Arc<Mutex<Option<Error>>>);

impl Ending {
    fn set(&self, result: Result<()>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = result.err();
    }

    /// The error that the guest ended with.
    fn error(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The task of a guest, which ends with this.
struct Task<W: Engines> {
    handle: AbortHandle,
    stop: Option<Stop<W>>,
}

/// Stops a guest that does not wait.
struct Stop<W: Engines> {
    engine: Engine<W>,
    epochs: Option<Arc<Epochs>>,
}

impl<W: Engines> Task<W> {
    /// Lets the guest go on.
    fn release(mut self) {
        self.stop = None;
    }
}

impl<W: Engines> Drop for Task<W> {
    fn drop(&mut self) {
        let Some(stop) = self.stop.take() else { return };
        if self.handle.is_finished() {
            return;
        }
        self.handle.abort();
        if let Some(epochs) = stop.epochs {
            epochs.stop();
            stop.engine.wake();
        }
    }
}

/// The body of a response, with the task of the guest that makes it.
struct Bound<W: Engines> {
    body: Body,
    ending: Ending,
    task: Option<Task<W>>,
    /// Bytes that are still to come, if the guest has declared the length.
    left: Option<u64>,
    /// Servers do not read the body: the response is one to `HEAD`, or its status is 204 or 304.
    has_no_body: bool,
    /// The error that comes next.
    failed: Option<Error>,
}

impl<W: Engines> Bound<W> {
    /// The body has been read: the guest goes on without a reader.
    fn release(&mut self) {
        if let Some(task) = self.task.take() {
            task.release();
        }
    }

    /// Fails at the next poll: servers send what they have when there is nothing for now, and discard it when the body fails.
    fn fail(&mut self, error: Error, context: &Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        self.failed = Some(error);
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<W: Engines> HttpBody for Bound<W> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        let this = &mut *self;
        if let Some(error) = this.failed.take() {
            this.task = None;
            return Poll::Ready(Some(Err(error)));
        }
        let Poll::Ready(polled) = Pin::new(&mut this.body).poll_frame(context) else { return Poll::Pending };
        match polled {
            Some(Ok(frame)) => {
                if let (Some(left), Some(data)) = (&mut this.left, frame.data_ref()) {
                    *left = left.saturating_sub(data.len() as u64);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            // A body whose guest is gone just ends; so does one whose guest fails after it.
            None if this.left == Some(0) => {
                this.release();
                Poll::Ready(None)
            }
            None => match this.ending.error() {
                Some(error) => this.fail(error, context),
                None => {
                    this.release();
                    Poll::Ready(None)
                }
            },
            Some(Err(error)) => {
                let error = this.ending.error().unwrap_or(error);
                this.fail(error, context)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.task.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.left {
            Some(left) => SizeHint::with_exact(left),
            None => self.body.size_hint(),
        }
    }
}

impl<W: Engines> Drop for Bound<W> {
    fn drop(&mut self) {
        // A server may not ask for more than the declared length; an empty body it may not ask for at all.
        if self.has_no_body || self.left == Some(0) || self.body.is_end_stream() {
            self.release();
        }
    }
}

#[cold]
fn no_runtime() -> Error {
    Error::new(ErrorKind::InvalidArgument, "HTTP needs a tokio runtime, and this is not inside one")
        .with_hint("poll the future inside `Runtime::block_on` or a task of the runtime")
}

#[cold]
fn no_time() -> Error {
    Error::new(ErrorKind::InvalidArgument, "HTTP needs a tokio runtime with time, and this one is without")
        .with_hint("call `enable_time` or `enable_all` of the runtime's `Builder`")
}

#[cold]
fn no_authority(headers: &HeaderMap) -> Error {
    let message = match headers.get_all(header::HOST).iter().count() {
        0 => "the request has neither an authority in its URI nor a header `Host`",
        1 => "the header `Host` of the request is not a valid authority",
        _ => "the request has several headers `Host`",
    };
    Error::new(ErrorKind::InvalidArgument, message)
}

/// Servers cannot send such a status as the last one: clients would wait for another, or speak another protocol after 101.
#[cold]
fn not_final(status: StatusCode) -> Error {
    let what = format!("the guest responded with the status {}, after which another response comes", status.as_u16());
    Error::from_http(&what, ErrorCode::HttpProtocolError)
}

#[cold]
fn no_response() -> Error {
    Error::new(ErrorKind::NoResponse, "the guest returned without a response")
}
