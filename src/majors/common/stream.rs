//! The guest's standard streams as this major's pollable streams.

use std::future::{Future, ready};
use std::pin::Pin;

use bytes::Bytes;

use super::names::{InputStream, OutputStream, Pollable, StreamError, StreamResult};
use crate::wasi::{Capture, FileReader};

/// Captured output.
#[derive(Clone)]
pub(in super::super) struct Output(pub(in super::super) Capture);

/// Input from a file.
#[derive(Clone)]
pub(in super::super) struct Input(pub(in super::super) FileReader);

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.write(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        // Memory takes any amount; the permit only bounds one write.
        Ok(1 << 20)
    }
}

impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match self.0.read(size) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(StreamError::Closed),
            Err(error) => Err(StreamError::LastOperationFailed(error.into())),
        }
    }
}

// Both are always ready. The signature is what `async_trait` makes of `async fn ready(&mut self)`.
impl Pollable for Output {
    fn ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(ready(()))
    }
}

impl Pollable for Input {
    fn ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(ready(()))
    }
}
