//! Writing to the host's output, 25 and later: WASI can leave it to the stream to wait, write and flush.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use super::names::{OutputStream, StreamResult};
use super::whole::{Output, at_once, failed};

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

    // By itself it would wait before and after, also for what is always ready.
    fn blocking_write_and_flush<'a, 'b>(
        &'a mut self,
        bytes: Bytes,
    ) -> Pin<Box<dyn Future<Output = StreamResult<()>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        if self.0.is_always_ready() {
            return at_once(self.put(&bytes).and_then(|()| self.flush()));
        }
        Box::pin(async move {
            self.permitted().await?;
            self.put(&bytes)?;
            self.flush()?;
            self.permitted().await.map(drop)
        })
    }
}
