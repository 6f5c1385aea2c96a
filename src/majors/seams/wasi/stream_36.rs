//! Standard streams, 36 and later: tokio streams, of which WASI 0.2 may have a pollable form of its own.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::names::{InputStream, IsTerminal, OutputStream, StdinStream, StdoutStream};
use super::whole::{Input, Output};

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        self.0.is_terminal()
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.0.poll_ready(context));
        // A guest of WASI 0.3 writes as much at once as it likes.
        let bytes = &bytes[..bytes.len().min(Self::PERMIT)];
        Poll::Ready(self.0.write(bytes).map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.flush()?;
        ready!(self.0.poll_ready(context));
        Poll::Ready(self.0.is_idle().map(drop))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

impl IsTerminal for Input {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdinStream for Input {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(self.clone())
    }
}

impl AsyncRead for Input {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.0.poll_ready(context));
        match self.0.read(buffer.remaining())? {
            // Nothing yet, which is not the end: another reader was faster, or the stream was not ready after all.
            Some(bytes) if bytes.is_empty() && buffer.remaining() > 0 => {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(bytes) => buffer.put_slice(&bytes),
            None => {}
        }
        Poll::Ready(Ok(()))
    }
}
