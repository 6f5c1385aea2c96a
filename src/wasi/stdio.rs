//! Owns the guest's standard streams: where they lead, and the bounded buffer that captures output.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
#[cfg(all(feature = "_runtime", not(test)))]
use std::task::{Context, Poll};

#[cfg(all(feature = "_runtime", not(test)))]
use super::pipe;
use super::pipe::Pipe;
use super::queue::{StdinWriter, queue};
use super::stream::{Callback, HostInput, HostOutput, InputStream, OutputStream, Writer};
use crate::error::{Error, ErrorKind, Result, quoted};

/// Where a guest's standard input comes from.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::wasi::{Stdin, Stdout};
/// use wasmtime_compat::{Command, Engine, Newest, RunConfig};
///
/// # let wasm = wat::parse_str(
/// #     r#"(module
/// #     (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
/// #     (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
/// #     (memory (export "memory") 1)
/// #     (data (i32.const 0) "\10\00\00\00\40\00\00\00")
/// #     (func (export "_start")
/// #         (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
/// #         (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
/// # )
/// # .unwrap();
/// let mut config = RunConfig::new();
/// config.wasi.stdin(Stdin::bytes("a line\n")).stdout(Stdout::capture(1 << 20));
/// let engine = Engine::<Newest>::new(&config.engine_config())?;
/// // `wasm` is a guest that writes what it reads.
/// let done = Command::new(&engine, wasm)?.run(&config)?;
/// assert_eq!(done.stdout.text(), "a line\n");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Stdin {
    /// It is empty.
    #[default]
    Null,
    /// From these bytes; every run starts at their beginning.
    Bytes(Arc<[u8]>),
    /// From this file, opened when the guest is started. A named pipe is opened when the guest first reads, as that
    /// waits for a writer; a file that is not regular is read by a thread of its own, so that a guest that waits for
    /// it can be stopped by a timeout.
    File(PathBuf),
    /// From this process's standard input.
    Inherit,
    /// From the host's own stream: see [`Stdin::custom`], [`Stdin::reader`] and [`Stdin::pipe`].
    Custom(HostInput),
}

impl Stdin {
    /// Input from bytes.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bytes(bytes.into().into())
    }

    /// Input from the host's own stream. All guests that get this input share the stream: what one has read, another does
    /// not see.
    pub fn custom(stream: impl InputStream + 'static) -> Self {
        Self::Custom(HostInput::new(stream))
    }

    /// Input from a reader that may block. A thread reads from it, 64 KiB at most and only when a guest wants to read, so a
    /// guest that waits for the reader can be stopped by a timeout. Guests share the reader as in [`Stdin::custom`].
    ///
    /// ```
    /// use wasmtime_compat::wasi::{Stdin, WasiConfig};
    ///
    /// WasiConfig::new().stdin(Stdin::reader(std::io::Cursor::new("line\n")));
    /// ```
    pub fn reader(reader: impl Read + Send + 'static) -> Self {
        Self::Custom(HostInput::reader(Pipe::reader(reader)))
    }

    /// Input that the host writes while guests run, and the host's end of it. The queue between them holds `capacity` bytes,
    /// at least one.
    ///
    /// ```
    /// use wasmtime_compat::wasi::{Stdin, WasiConfig};
    ///
    /// let (writer, stdin) = Stdin::pipe(1 << 16);
    /// WasiConfig::new().stdin(stdin);
    /// # let (writer, _stdin) = Stdin::pipe(1 << 16);
    /// assert_eq!(writer.try_write(b"a line\n")?, 7);
    /// writer.close();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn pipe(capacity: usize) -> (StdinWriter, Self) {
        let (writer, reader) = queue(capacity);
        (writer, Self::custom(reader))
    }
}

/// Where a guest's standard output or standard error goes.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::wasi::Stdout;
/// use wasmtime_compat::{Command, Engine, Newest, RunConfig};
///
/// # let wasm = wat::parse_str(
/// #     r#"(module
/// #     (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
/// #     (memory (export "memory") 1)
/// #     (data (i32.const 0) "\08\00\00\00\05\00\00\00hello")
/// #     (func (export "_start")
/// #         (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#,
/// # )
/// # .unwrap();
/// let mut config = RunConfig::new();
/// let engine = Engine::<Newest>::new(&config.engine_config())?;
/// // `wasm` is a guest that writes `hello` to its standard output.
/// let command = Command::new(&engine, wasm)?;
/// assert!(command.run(&config)?.stdout.bytes.is_empty());
/// config.wasi.stdout(Stdout::capture(1 << 20)).stderr(Stdout::Inherit);
/// assert_eq!(command.run(&config)?.stdout.text(), "hello");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Stdout {
    /// Nowhere.
    #[default]
    Null,
    /// Into memory, up to a bound; see [`Stdout::capture`].
    Capture {
        /// The number of bytes that are kept.
        limit: usize,
    },
    /// To this process's own stream.
    Inherit,
    /// To the host's own stream: see [`Stdout::custom`], [`Stdout::writer`] and [`Stdout::callback`].
    Custom(HostOutput),
}

impl Stdout {
    /// Keeps the first `limit` bytes and counts the rest: a guest that writes more is neither stopped nor slowed.
    pub fn capture(limit: usize) -> Self {
        Self::Capture { limit }
    }

    /// Output to the host's own stream. All guests that get this output share the stream.
    pub fn custom(stream: impl OutputStream + 'static) -> Self {
        Self::Custom(HostOutput::new(stream))
    }

    /// Output to a writer, which is called on the thread that runs the guest and may block: a guest whose write blocks cannot
    /// be stopped by a timeout until the writer returns. Guests share the writer as in [`Stdout::custom`].
    ///
    /// ```
    /// use wasmtime_compat::wasi::{Stdout, WasiConfig};
    ///
    /// let file = std::fs::File::create(std::env::temp_dir().join("wasmtime-compat-example.log"))?;
    /// let log = Stdout::writer(file);
    /// WasiConfig::new().stdout(log.clone()).stderr(log);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn writer(writer: impl Write + Send + 'static) -> Self {
        Self::custom(Writer(writer))
    }

    /// Calls a function with what the guest writes, in the pieces in which it reaches the host: one write of the guest may be
    /// several calls.
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// use wasmtime_compat::wasi::{Stdout, WasiConfig};
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// WasiConfig::new().stdout(Stdout::callback(move |bytes| {
    ///     let _ = sender.send(bytes.to_vec());
    /// }));
    /// # drop(receiver);
    /// ```
    pub fn callback(function: impl FnMut(&[u8]) + Send + 'static) -> Self {
        Self::custom(Callback(function))
    }
}

/// The output of a guest to a captured stream.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::wasi::{Captured, Stdout};
/// use wasmtime_compat::{Command, Engine, Newest, RunConfig};
///
/// # let wasm = wat::parse_str(
/// #     r#"(module
/// #     (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
/// #     (memory (export "memory") 1)
/// #     (data (i32.const 0) "\08\00\00\00\05\00\00\00hello")
/// #     (func (export "_start")
/// #         (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#,
/// # )
/// # .unwrap();
/// let mut config = RunConfig::new();
/// config.wasi.stdout(Stdout::capture(3));
/// let engine = Engine::<Newest>::new(&config.engine_config())?;
/// // `wasm` is a guest that writes `hello` to its standard output.
/// let stdout: Captured = Command::new(&engine, wasm)?.run(&config)?.stdout;
/// assert_eq!(stdout.text(), "hel");
/// assert_eq!((stdout.total, stdout.dropped()), (5, 2));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Captured {
    /// The bytes kept: the first ones, up to the bound.
    pub bytes: Vec<u8>,
    /// The number of bytes that the guest wrote.
    pub total: u64,
}

impl Captured {
    /// The number of bytes beyond the bound, which were not kept.
    pub fn dropped(&self) -> u64 {
        self.total.saturating_sub(self.bytes.len() as u64)
    }

    /// The kept bytes as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

/// The shared buffer behind a captured stream.
#[derive(Clone, Debug)]
pub(crate) struct Capture {
    limit: usize,
    written: Arc<Mutex<Captured>>,
}

impl Capture {
    fn new(limit: usize) -> Self {
        Self { limit, written: Arc::default() }
    }

    pub(crate) fn write(&self, bytes: &[u8]) {
        let mut written = self.lock();
        let room = self.limit - written.bytes.len();
        written.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        written.total += bytes.len() as u64;
    }

    /// What was written so far.
    pub(crate) fn snapshot(&self) -> Captured {
        self.lock().clone()
    }

    /// What was written so far, leaving the buffer empty.
    pub(crate) fn take(&self) -> Captured {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Captured> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where output goes, opened.
#[derive(Clone, Debug)]
pub(crate) enum Sink {
    /// Into memory, which takes any amount at any time.
    Capture(Capture),
    /// To this process's standard output.
    Stdout,
    /// To this process's standard error.
    Stderr,
    /// To the host's own stream.
    Host(HostOutput),
}

impl Sink {
    fn open(stream: &Stdout, inherited: Self) -> Option<Self> {
        match stream {
            Stdout::Null => None,
            Stdout::Capture { limit } => Some(Self::Capture(Capture::new(*limit))),
            Stdout::Inherit => Some(inherited),
            Stdout::Custom(stream) => Some(Self::Host(stream.clone())),
        }
    }

    /// The captured output, if it is captured.
    pub(crate) fn captured(&self) -> Option<&Capture> {
        match self {
            Self::Capture(capture) => Some(capture),
            Self::Stdout | Self::Stderr | Self::Host(_) => None,
        }
    }
}

#[cfg(all(feature = "_runtime", not(test)))]
impl Sink {
    /// Writes everything, now or when the stream takes it.
    #[inline]
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Capture(capture) => {
                capture.write(bytes);
                Ok(())
            }
            Self::Stdout => io::stdout().write_all(bytes),
            Self::Stderr => io::stderr().write_all(bytes),
            Self::Host(stream) => stream.write(bytes),
        }
    }

    /// Flushes the stream, now or when it has taken everything.
    #[inline]
    pub(crate) fn flush(&self) -> io::Result<()> {
        match self {
            Self::Capture(_) => Ok(()),
            Self::Stdout => io::stdout().flush(),
            Self::Stderr => io::stderr().flush(),
            Self::Host(stream) => stream.flush(),
        }
    }

    /// Whether everything was taken and flushed.
    #[inline]
    pub(crate) fn is_idle(&self) -> io::Result<bool> {
        match self {
            Self::Capture(_) | Self::Stdout | Self::Stderr => Ok(true),
            Self::Host(stream) => stream.is_idle(),
        }
    }

    /// Whether the stream never makes a guest wait.
    #[inline]
    pub(crate) fn is_always_ready(&self) -> bool {
        !matches!(self, Self::Host(_))
    }

    /// Waits until everything was taken and flushed, or has failed.
    pub(crate) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Capture(_) | Self::Stdout | Self::Stderr => Poll::Ready(()),
            Self::Host(stream) => stream.poll_ready(context),
        }
    }

    pub(crate) fn is_terminal(&self) -> bool {
        match self {
            Self::Stdout => io::IsTerminal::is_terminal(&io::stdout()),
            Self::Stderr => io::IsTerminal::is_terminal(&io::stderr()),
            Self::Capture(_) | Self::Host(_) => false,
        }
    }
}

/// The streams of one store, opened: what the majors hand to their WASI.
#[derive(Debug)]
pub(crate) struct Stdio {
    pub(crate) stdout: Option<Sink>,
    pub(crate) stderr: Option<Sink>,
    pub(crate) stdin: Option<Source>,
}

impl Stdio {
    /// Opens what has to be opened.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the standard input file cannot be opened.
    #[inline]
    pub(crate) fn open(stdin: &Stdin, stdout: &Stdout, stderr: &Stdout) -> Result<Self> {
        let stdin = match stdin {
            Stdin::File(path) => Some(Source::open(path).map_err(|source| {
                Error::new(ErrorKind::Io, format!("cannot open standard input {}", quoted(path))).with_source(source)
            })?),
            Stdin::Custom(stream) => Some(Source::Host(stream.clone())),
            Stdin::Null | Stdin::Bytes(_) | Stdin::Inherit => None,
        };
        Ok(Self { stdout: Sink::open(stdout, Sink::Stdout), stderr: Sink::open(stderr, Sink::Stderr), stdin })
    }
}

/// Where standard input comes from, opened, for every major's stream trait.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A regular file: reading it does not wait.
    Regular(Arc<File>),
    /// Any other file.
    Other(Pipe),
    /// The host's own stream.
    Host(HostInput),
}

impl Source {
    #[cfg(unix)]
    fn open(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::FileTypeExt as _;

        let metadata = std::fs::metadata(path)?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if metadata.is_file() {
            return Ok(Self::Regular(Arc::new(File::open(path)?)));
        }
        let file = if metadata.file_type().is_fifo() { None } else { Some(File::open(path)?) };
        Ok(Self::Other(Pipe::new(path, file)))
    }

    /// Devices and pipes of Windows (`NUL`, `CONIN$`, `\\.\pipe\name`) have no metadata, but can be opened and read.
    #[cfg(not(unix))]
    fn open(path: &Path) -> io::Result<Self> {
        let file = match File::open(path) {
            Ok(file) => file,
            // Windows refuses access to a directory.
            Err(_) if path.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Err(error) => return Err(error),
        };
        if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Ok(Self::Regular(Arc::new(file)));
        }
        Ok(Self::Other(Pipe::new(path, Some(file))))
    }
}

#[cfg(all(feature = "_runtime", not(test)))]
impl Source {
    /// Up to `size` bytes, which may be none yet; `None` at the end.
    pub(crate) fn read(&self, size: usize) -> io::Result<Option<bytes::Bytes>> {
        let bytes = match self {
            Self::Regular(file) => {
                let bytes = pipe::read_some(&mut &**file, size)?;
                (size == 0 || !bytes.is_empty()).then_some(bytes)
            }
            Self::Other(pipe) => pipe.read(size)?,
            Self::Host(stream) => stream.read(size)?,
        };
        Ok(bytes.map(bytes::Bytes::from))
    }

    /// Waits until there is something to read, or its end.
    pub(crate) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Regular(_) => Poll::Ready(()),
            Self::Other(pipe) => pipe.poll_ready(context),
            Self::Host(stream) => stream.poll_ready(context),
        }
    }
}
