//! Owns a host's own standard streams: the traits that a host implements, and streams that several guests share.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use super::pipe::{CHUNK, Pipe};

/// Standard input that a host provides, for [`Stdin::custom`](super::Stdin::custom).
///
/// The functions are those of a stream that does not block: they run on the thread that runs the guest. For a source that
/// blocks there is [`Stdin::reader`](super::Stdin::reader), for bytes that the host has at some time
/// [`Stdin::pipe`](super::Stdin::pipe).
///
/// ```
/// use std::io;
///
/// use wasmtime_compat::wasi::{InputStream, Stdin};
///
/// /// A given number of line feeds.
/// struct LineFeeds(usize);
///
/// impl InputStream for LineFeeds {
///     fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
///         let count = bytes.len().min(self.0);
///         bytes[..count].fill(b'\n');
///         self.0 -= count;
///         Ok(count)
///     }
/// }
///
/// let stdin = Stdin::custom(LineFeeds(1000));
/// ```
pub trait InputStream: Send {
    /// Reads into the buffer, which is not empty, and returns how many bytes were read: zero at the end. The stream may go
    /// on after an end, as a terminal does.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is nothing to read yet; any other error is the guest's result of
    /// its call.
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize>;

    /// Waits until [`InputStream::read`] returns something else than [`WouldBlock`](io::ErrorKind::WouldBlock). A guest that
    /// reads without waiting never calls it.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let _ = context;
        Poll::Ready(())
    }
}

/// Standard output or standard error that a host provides, for [`Stdout::custom`](super::Stdout::custom).
///
/// The functions are those of a stream that does not block: they run on the thread that runs the guest, with the stream
/// locked, and must not run a guest that writes to the same stream.
///
/// ```
/// use std::io;
/// use std::sync::mpsc::Sender;
///
/// use wasmtime_compat::wasi::{OutputStream, Stdout};
///
/// /// Sends what the guest writes to another thread.
/// struct Channel(Sender<Vec<u8>>);
///
/// impl OutputStream for Channel {
///     fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
///         self.0.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
///         Ok(bytes.len())
///     }
/// }
///
/// let (sender, receiver) = std::sync::mpsc::channel();
/// let stdout = Stdout::custom(Channel(sender));
/// ```
pub trait OutputStream: Send {
    /// Takes bytes, and returns how many: one or more. What the stream does not take at once is kept, up to 2 MiB, and the
    /// guest may not write on until the stream has taken it.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if the stream can take nothing now;
    /// [`BrokenPipe`](io::ErrorKind::BrokenPipe) closes the stream for the guest; any other error is the guest's result of
    /// its call.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Passes on what the stream has taken.
    ///
    /// # Errors
    /// As [`OutputStream::write`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Waits until [`OutputStream::write`] and [`OutputStream::flush`] return something else than
    /// [`WouldBlock`](io::ErrorKind::WouldBlock).
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let _ = context;
        Poll::Ready(())
    }
}

/// Standard input from the host's own stream: see [`Stdin::custom`](super::Stdin::custom),
/// [`Stdin::reader`](super::Stdin::reader) and [`Stdin::pipe`](super::Stdin::pipe).
///
/// ```
/// use wasmtime_compat::wasi::{HostInput, Stdin};
///
/// let (writer, stdin) = Stdin::pipe(64);
/// let Stdin::Custom(input) = stdin else { unreachable!("a pipe is a stream of the host") };
/// let other: HostInput = input.clone();
/// drop(input);
/// // The clone leads to the same stream, so a guest can still read it.
/// assert!(writer.try_write(b"line\n").is_ok());
/// drop(other);
/// assert!(writer.try_write(b"line\n").is_err());
/// ```
#[derive(Clone)]
pub struct HostInput(Input);

#[derive(Clone)]
enum Input {
    Stream(Arc<Mutex<dyn InputStream>>),
    /// A thread reads it.
    Pipe(Pipe),
}

impl HostInput {
    pub(super) fn new(stream: impl InputStream + 'static) -> Self {
        Self(Input::Stream(Arc::new(Mutex::new(stream))))
    }

    pub(super) fn reader(pipe: Pipe) -> Self {
        Self(Input::Pipe(pipe))
    }

    /// Up to `size` bytes of what is there, which may be nothing yet; `None` at the end.
    pub(super) fn read(&self, size: usize) -> io::Result<Option<Vec<u8>>> {
        let stream = match &self.0 {
            Input::Stream(stream) => stream,
            Input::Pipe(pipe) => return pipe.read(size),
        };
        let mut bytes = vec![0; size.min(CHUNK)];
        if bytes.is_empty() {
            return Ok(Some(bytes));
        }
        let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
        let count = loop {
            match stream.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Some(Vec::new())),
                count => break count?,
            }
        };
        bytes.truncate(count);
        Ok((count > 0).then_some(bytes))
    }

    /// Waits until there is something to read, or the end.
    pub(super) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<()> {
        match &self.0 {
            Input::Stream(stream) => stream.lock().unwrap_or_else(PoisonError::into_inner).poll_ready(context),
            Input::Pipe(pipe) => pipe.poll_ready(context),
        }
    }
}

impl fmt::Debug for HostInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostInput")
    }
}

/// Standard output or standard error to the host's own stream: see [`Stdout::custom`](super::Stdout::custom),
/// [`Stdout::writer`](super::Stdout::writer) and [`Stdout::callback`](super::Stdout::callback).
///
/// ```
/// use wasmtime_compat::wasi::{HostOutput, Stdout, WasiConfig};
///
/// let (sender, receiver) = std::sync::mpsc::channel::<Vec<u8>>();
/// let stdout = Stdout::callback(move |bytes| drop(sender.send(bytes.to_vec())));
/// let Stdout::Custom(stream) = stdout else { unreachable!("a function is a stream of the host") };
/// let log: HostOutput = stream.clone();
/// let mut wasi = WasiConfig::new();
/// wasi.stdout(Stdout::Custom(stream)).stderr(Stdout::Custom(log));
/// // The stream is dropped with the last configuration or store that leads to it.
/// drop(wasi);
/// assert!(receiver.recv().is_err());
/// ```
#[derive(Clone)]
pub struct HostOutput(Arc<Mutex<Output<dyn OutputStream>>>);

struct Output<S: ?Sized> {
    /// What the stream has not taken yet.
    pending: Vec<u8>,
    /// Whether the stream is to be flushed after that.
    flush: bool,
    /// An error that nobody has seen yet.
    failed: Option<io::Error>,
    stream: S,
}

/// Bytes that a stream may leave untaken.
const MOST_PENDING: usize = 2 << 20;

/// How often a stream is offered bytes before other tasks have their turn.
const MOST_ATTEMPTS: usize = 16;

impl HostOutput {
    pub(super) fn new(stream: impl OutputStream + 'static) -> Self {
        Self(Arc::new(Mutex::new(Output { pending: Vec::new(), flush: false, failed: None, stream })))
    }

    /// Writes bytes, now or when the stream takes them.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut output = self.lock();
        output.advance()?;
        let taken = if output.pending.is_empty() { output.take(bytes)? } else { 0 };
        let rest = bytes.get(taken..).unwrap_or_default();
        if rest.len() > MOST_PENDING - output.pending.len().min(MOST_PENDING) {
            return Err(io::Error::other("more output than the stream permits"));
        }
        output.pending.extend_from_slice(rest);
        Ok(())
    }

    /// Flushes the stream, now or when it has taken everything.
    pub(super) fn flush(&self) -> io::Result<()> {
        let mut output = self.lock();
        output.flush = true;
        output.advance().map(drop)
    }

    /// Whether the stream has taken everything.
    pub(super) fn is_idle(&self) -> io::Result<bool> {
        self.lock().advance()
    }

    /// Waits until the stream has taken everything and can take more, or has failed.
    pub(super) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut output = self.lock();
        // A stream that is ready and takes nothing gets its next chance later.
        for _ in 0..MOST_ATTEMPTS {
            match output.advance() {
                Ok(true) => return output.stream.poll_ready(context),
                Ok(false) => ready!(output.stream.poll_ready(context)),
                Err(error) => {
                    output.failed = Some(error);
                    return Poll::Ready(());
                }
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Output<dyn OutputStream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output<dyn OutputStream> {
    /// Goes on with what is pending; whether nothing is left.
    fn advance(&mut self) -> io::Result<bool> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            let taken = self.take(&pending)?;
            self.pending.extend_from_slice(pending.get(taken..).unwrap_or_default());
        }
        if !self.pending.is_empty() {
            return Ok(false);
        }
        while self.flush {
            match self.stream.flush() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                result => {
                    self.flush = false;
                    result?;
                }
            }
        }
        Ok(true)
    }

    /// Offers bytes to the stream until it takes no more; how many it has taken.
    fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = 0;
        while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
            match self.stream.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => taken += count.min(rest.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }
}

impl fmt::Debug for HostOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostOutput")
    }
}

/// A writer as a stream: it may block.
pub(super) struct Writer<O>(pub(super) O);

impl<O: io::Write + Send> OutputStream for Writer<O> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A function that is called with what the guest writes.
pub(super) struct Callback<F>(pub(super) F);

impl<F: FnMut(&[u8]) + Send> OutputStream for Callback<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(bytes);
        Ok(bytes.len())
    }
}
