//! The guest's standard streams as this major's pollable streams.

use std::future::{Future, poll_fn, ready};
use std::io;
use std::pin::Pin;

use bytes::Bytes;

use super::names::{InputStream, Pollable, StreamError, StreamResult};
use crate::wasi::{Sink, Source};

/// Output to the host.
#[derive(Clone)]
pub(in super::super::super) struct Output(pub(in super::super::super) Sink);

impl Output {
    /// What bounds one write, in bytes.
    pub(in super::super::super) const PERMIT: usize = 1 << 20;

    pub(in super::super::super) fn put(&self, bytes: &[u8]) -> StreamResult<()> {
        if bytes.len() > Self::PERMIT && self.0.captured().is_none() {
            return Err(StreamError::trap("write exceeded budget"));
        }
        self.0.write(bytes).map_err(failed)
    }

    /// Writes zeroes, no more than a write may have. 18 to 23, 25 to 35 and 37 to 39 leave it to the stream to refuse more, and
    /// their own streams first make as many as the guest asks for: that can end the process.
    pub(in super::super::super) fn zeroes(&self, count: usize) -> StreamResult<()> {
        if count > self.permit()? {
            return Err(StreamError::trap("cannot write more zeroes than `check_write` allows"));
        }
        self.put(&vec![0; count])
    }

    /// How many bytes the guest may write now.
    pub(in super::super::super) fn permit(&self) -> StreamResult<usize> {
        if self.0.is_idle().map_err(failed)? { Ok(Self::PERMIT) } else { Ok(0) }
    }

    /// The same, when the guest may write.
    pub(in super::super::super) fn permitted<'a>(
        &'a self,
    ) -> Pin<Box<dyn Future<Output = StreamResult<usize>> + Send + 'a>> {
        if self.0.is_always_ready() {
            return at_once(Ok(Self::PERMIT));
        }
        Box::pin(async {
            poll_fn(|context| self.0.poll_ready(context)).await;
            self.permit()
        })
    }
}

/// The error of a stream as the guest sees it, as in the newest major.
pub(in super::super::super) fn failed(error: io::Error) -> StreamError {
    match error.kind() {
        io::ErrorKind::BrokenPipe => StreamError::Closed,
        _ => StreamError::LastOperationFailed(error.into()),
    }
}

/// Input from the host.
#[derive(Clone)]
pub(in super::super::super) struct Input(pub(in super::super::super) Source);

impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match self.0.read(size) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(StreamError::Closed),
            Err(error) => Err(StreamError::LastOperationFailed(error.into())),
        }
    }
}

impl Pollable for Output {
    fn ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        if self.0.is_always_ready() {
            return at_once(());
        }
        Box::pin(poll_fn(|context| self.0.poll_ready(context)))
    }
}

impl Pollable for Input {
    fn ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(poll_fn(|context| self.0.poll_ready(context)))
    }
}

/// What the streams' asynchronous functions return, as `async_trait` makes it of `async fn`, where nothing waits.
pub(in super::super::super) fn at_once<'a, T: Send + 'a>(value: T) -> Pin<Box<dyn Future<Output = T> + Send + 'a>> {
    Box::pin(ready(value))
}
