//! Writing to the host's output, 18 to 24: WASI asks whether it may, before and after.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use super::names::{OutputStream, StreamResult};
use super::whole::{Output, failed};

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.put(&bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.0.flush().map_err(failed)
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.permit()
    }

    fn write_zeroes(&mut self, count: usize) -> StreamResult<()> {
        self.zeroes(count)
    }

    // By itself it would also wait for what is always ready.
    fn write_ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = StreamResult<usize>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        self.permitted()
    }
}
