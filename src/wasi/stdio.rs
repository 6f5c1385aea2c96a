//! Owns the guest's standard streams: where they lead, and the bounded buffer that captures output.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
#[cfg(all(feature = "_runtime", not(test)))]
use std::task::{Context, Poll};

#[cfg(all(feature = "_runtime", not(test)))]
use super::pipe;
use super::pipe::Pipe;
use crate::error::{Error, ErrorKind, Result};

/// Where a guest's standard input comes from.
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
}

impl Stdin {
    /// Input from bytes.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bytes(bytes.into().into())
    }
}

/// Where a guest's standard output or standard error goes.
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
    /// To this process's own stream. It is Wasmtime's: in 18 to 23, 25 to 35 and 37 to 39 a component can ask it for any
    /// number of zeroes at once (`write-zeroes`), which may be more memory than there is; captured output has a bound.
    Inherit,
}

impl Stdout {
    /// Keeps the first `limit` bytes and counts the rest: a guest that writes more is neither stopped nor slowed.
    pub fn capture(limit: usize) -> Self {
        Self::Capture { limit }
    }
}

/// The output of a guest to a captured stream.
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

/// The streams of one store, opened: what the majors hand to their WASI.
#[derive(Debug)]
pub(crate) struct Stdio {
    pub(crate) stdout: Option<Capture>,
    pub(crate) stderr: Option<Capture>,
    pub(crate) stdin_file: Option<FileReader>,
}

impl Stdio {
    /// Opens what has to be opened.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the standard input file cannot be opened.
    #[inline]
    pub(crate) fn open(stdin: &Stdin, stdout: &Stdout, stderr: &Stdout) -> Result<Self> {
        let capture = |stream: &Stdout| match stream {
            Stdout::Capture { limit } => Some(Capture::new(*limit)),
            Stdout::Null | Stdout::Inherit => None,
        };
        let stdin_file = match stdin {
            Stdin::File(path) => Some(FileReader::open(path).map_err(|source| {
                Error::new(ErrorKind::Io, format!("cannot open standard input {path:?}")).with_source(source)
            })?),
            Stdin::Null | Stdin::Bytes(_) | Stdin::Inherit => None,
        };
        Ok(Self { stdout: capture(stdout), stderr: capture(stderr), stdin_file })
    }
}

/// Reads standard input from a file, for every major's stream trait.
#[derive(Clone, Debug)]
pub(crate) enum FileReader {
    /// A regular file: reading it does not wait.
    Regular(Arc<File>),
    /// Anything else.
    Other(Pipe),
}

impl FileReader {
    fn open(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if metadata.is_file() {
            return Ok(Self::Regular(Arc::new(File::open(path)?)));
        }
        let file = if is_fifo(&metadata) { None } else { Some(File::open(path)?) };
        Ok(Self::Other(Pipe::new(path, file)))
    }
}

#[cfg(all(feature = "_runtime", not(test)))]
impl FileReader {
    /// Up to `size` bytes, which may be none yet; `None` at the end.
    pub(crate) fn read(&self, size: usize) -> io::Result<Option<bytes::Bytes>> {
        let bytes = match self {
            Self::Regular(file) => {
                let bytes = pipe::read_some(file, size)?;
                (size == 0 || !bytes.is_empty()).then_some(bytes)
            }
            Self::Other(pipe) => pipe.read(size)?,
        };
        Ok(bytes.map(bytes::Bytes::from))
    }

    /// Waits until there is something to read, or its end.
    pub(crate) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Regular(_) => Poll::Ready(()),
            Self::Other(pipe) => pipe.poll_ready(context),
        }
    }
}

#[cfg(unix)]
fn is_fifo(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;

    metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_fifo(_: &std::fs::Metadata) -> bool {
    false
}
