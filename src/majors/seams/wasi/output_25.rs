//! Writing to captured output, 25 and later: WASI can leave it to the stream to wait, write and flush.

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

    // By itself it would wait before and after for what is always ready.
    fn blocking_write_and_flush<'a, 'b>(
        &'a mut self,
        bytes: Bytes,
    ) -> Pin<Box<dyn Future<Output = StreamResult<()>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        at_once(self.write(bytes))
    }
}
