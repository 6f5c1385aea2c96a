//! The guest's standard streams as this major's pollable streams.

use std::future::{Future, ready};
use std::pin::Pin;

use bytes::Bytes;

use super::names::{InputStream, OutputStream, Pollable, StreamError, StreamResult};
use crate::wasi::{Capture, FileReader};

/// Memory takes any amount; the permit only bounds one write.
const PERMIT: usize = 1 << 20;

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
        Ok(PERMIT)
    }

    // Asked twice for each write of a guest, and by itself it would wait for what is always ready.
    fn write_ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = StreamResult<usize>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(ready(Ok(PERMIT)))
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

// Both are always ready. The signatures are what `async_trait` makes of `async fn`.
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
