//! Owns the guard around a body: its bound in bytes, and the longest pause between two chunks.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use super::{Body, ErrorCode};
use crate::error::{Error, Result};

/// A body within bounds.
pub(super) struct Guarded {
    body: Body,
    /// Bytes that may still come, and the code for more.
    left: Option<(u64, ErrorCode)>,
    pause: Duration,
    /// Made when the body is waited for first: most bodies are there already.
    sleep: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
    is_closed: bool,
}

/// A body with at most `limit` bytes, or one that fails with the code; `None` is no limit.
pub(super) fn guarded(body: Body, limit: Option<u64>, code: fn(Option<u64>) -> ErrorCode, pause: Duration) -> Body {
    if body.is_empty() {
        return body;
    }
    let left = limit.map(|limit| (limit, code(Some(limit))));
    Body::new(Guarded { body, left, pause, sleep: None, is_waiting: false, is_closed: false })
}

impl Guarded {
    fn take(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>> {
        if let (Some((left, code)), Some(data)) = (&mut self.left, frame.data_ref()) {
            match left.checked_sub(data.len() as u64) {
                Some(rest) => *left = rest,
                None => return Err(Error::from_http("the body is too large", code.clone())),
            }
        }
        Ok(frame)
    }

    /// Whether the body has made its reader wait too long.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let pause = self.pause;
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
