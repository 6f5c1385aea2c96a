//! Owns the guard around a body: its bound in bytes, that of its trailers, and the longest pause between two chunks.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep};

use super::{Body, ErrorCode, held};
use crate::error::{Error, Result};

/// The message that a body belongs to, which decides about the codes of its errors.
#[derive(Clone, Copy)]
pub(super) enum Message {
    Request,
    Response,
}

/// The bounds of a body.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) message: Message,
    /// The most bytes; `None` is no limit.
    pub(super) limit: Option<u64>,
    /// The largest size of the trailers.
    pub(super) max_field_size: usize,
    /// The longest pause between two chunks.
    pub(super) pause: Duration,
}

/// A body within bounds.
struct Guarded {
    body: Body,
    bounds: Bounds,
    /// Bytes that may still come.
    left: Option<u64>,
    /// Made when the body is waited for first: most bodies are there already.
    sleep: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
    is_closed: bool,
}

/// A body that fails beyond the bounds.
pub(super) fn guarded(body: Body, bounds: Bounds) -> Body {
    if body.is_empty() {
        return body;
    }
    let left = bounds.limit;
    Body::new(Guarded { body, bounds, left, sleep: None, is_waiting: false, is_closed: false })
}

/// Refuses headers or trailers that are too large.
pub(super) fn fields_within(fields: &HeaderMap, most: usize, code: fn(Option<u32>) -> ErrorCode) -> Result<()> {
    let size = held::fields_size(fields);
    if size <= most {
        return Ok(());
    }
    Err(Error::from_http("the fields are too large", code(u32::try_from(size).ok())))
}

impl Message {
    /// The code of a body with more bytes than the limit.
    fn too_large(self, limit: Option<u64>) -> ErrorCode {
        match self {
            Self::Request => ErrorCode::HttpRequestBodySize(limit),
            Self::Response => ErrorCode::HttpResponseBodySize(limit),
        }
    }

    /// The code of trailers that are too large.
    fn trailers_too_large(self) -> fn(Option<u32>) -> ErrorCode {
        match self {
            Self::Request => ErrorCode::HttpRequestTrailerSectionSize,
            Self::Response => ErrorCode::HttpResponseTrailerSectionSize,
        }
    }
}

impl Guarded {
    fn take(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>> {
        let Bounds { message, limit, max_field_size, .. } = self.bounds;
        if let (Some(left), Some(data)) = (&mut self.left, frame.data_ref()) {
            match left.checked_sub(data.len() as u64) {
                Some(rest) => *left = rest,
                None => return Err(Error::from_http("the body is too large", message.too_large(limit))),
            }
        }
        if let Some(trailers) = frame.trailers_ref() {
            fields_within(trailers, max_field_size, message.trailers_too_large())?;
        }
        Ok(frame)
    }

    /// Whether the body has made its reader wait too long.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        if self.sleep.is_none() && Handle::try_current().is_err() {
            // Outside a runtime there is no clock to wake the reader.
            return false;
        }
        let pause = self.bounds.pause;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(pause)));
        if !self.is_waiting {
            self.is_waiting = true;
            if let Some(deadline) = Instant::now().checked_add(pause) {
                sleep.as_mut().reset(deadline);
            }
        }
        sleep.as_mut().poll(context).is_ready()
    }
}

impl HttpBody for Guarded {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        let this = &mut *self;
        if this.is_closed {
            return Poll::Ready(None);
        }
        let polled = match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(this.take(frame))),
            Poll::Pending if this.is_late(context) => {
                Poll::Ready(Some(Err(Error::from_http("the body stopped", ErrorCode::ConnectionReadTimeout))))
            }
            polled => polled,
        };
        if polled.is_ready() {
            this.is_waiting = false;
            this.is_closed = !matches!(polled, Poll::Ready(Some(Ok(_))));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.is_closed || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
