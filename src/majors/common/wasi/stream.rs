//! The guest's standard streams as this major's pollable streams.

use std::future::{Future, poll_fn, ready};
use std::pin::Pin;

use bytes::Bytes;

use super::names::{InputStream, Pollable, StreamError, StreamResult};
use crate::wasi::{Capture, FileReader};

/// Captured output. Memory takes any amount at any time.
#[derive(Clone)]
pub(in super::super::super) struct Output(pub(in super::super::super) Capture);

impl Output {
    /// What bounds one write, in bytes.
    pub(in super::super::super) const PERMIT: usize = 1 << 20;

    /// Writes zeroes, no more than a write may have. 18 to 23, 25 to 35 and 37 to 39 leave it to the stream to refuse more, and
    /// their own streams first make as many as the guest asks for: that can end the process.
    pub(in super::super::super) fn zeroes(&self, count: usize) -> StreamResult<()> {
        if count > Self::PERMIT {
            return Err(StreamError::trap("cannot write more zeroes than `check_write` allows"));
        }
        self.0.write(&vec![0; count]);
        Ok(())
    }
}

/// Input from a file.
#[derive(Clone)]
pub(in super::super::super) struct Input(pub(in super::super::super) FileReader);

impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match self.0.read(size) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(StreamError::Closed),
            Err(error) => Err(StreamError::LastOperationFailed(error.into())),
        }
    }
}

// It is always ready.
impl Pollable for Output {
    fn ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        at_once(())
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
