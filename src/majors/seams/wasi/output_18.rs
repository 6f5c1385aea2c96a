//! Writing to captured output, 18 to 24: WASI asks whether it may, before and after.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use super::names::{OutputStream, StreamResult};
use super::whole::{Output, at_once};

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.write(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(Self::PERMIT)
    }

    fn write_zeroes(&mut self, count: usize) -> StreamResult<()> {
        self.zeroes(count)
    }

    // By itself it would wait for what is always ready.
    fn write_ready<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = StreamResult<usize>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        at_once(Ok(Self::PERMIT))
    }
}
