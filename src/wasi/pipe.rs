//! Owns standard input from what may block: a pipe, a terminal, a device, a reader of the host's. Reading it may take any
//! time, so a thread does, and only when the guest wants something.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

/// How much is read at once, in bytes.
pub(super) const CHUNK: usize = 64 << 10;

/// Such a file or reader, and what has been read from it.
#[derive(Clone)]
pub(crate) struct Pipe(Arc<Shared>);

struct Shared {
    /// Empty if there is nothing to open.
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    /// None until it is open, and while the thread has it.
    file: Option<Box<dyn Read + Send>>,
    now: Now,
    waiting: Vec<Waker>,
}

#[derive(Debug)]
enum Now {
    Idle,
    Reading,
    /// Something is there, at least one byte.
    Read(Vec<u8>),
    Ended,
    Failed(io::Error),
}

impl Pipe {
    /// The file at `path`, which is opened when it is first read if it is not open yet.
    pub(super) fn new(path: &Path, file: Option<File>) -> Self {
        let file = file.map(|file| Box::new(file) as Box<dyn Read + Send>);
        let state = State { file, now: Now::Idle, waiting: Vec::new() };
        Self(Arc::new(Shared { path: path.to_owned(), state: Mutex::new(state) }))
    }

    /// A reader of the host's.
    pub(super) fn reader(reader: impl Read + Send + 'static) -> Self {
        let state = State { file: Some(Box::new(reader)), now: Now::Idle, waiting: Vec::new() };
        Self(Arc::new(Shared { path: PathBuf::new(), state: Mutex::new(state) }))
    }

    /// Up to `size` bytes of what is there, which may be nothing yet; `None` at the end.
    pub(super) fn read(&self, size: usize) -> io::Result<Option<Vec<u8>>> {
        let mut state = self.0.lock();
        match &mut state.now {
            Now::Idle if size > 0 => self.start(&mut state),
            Now::Idle | Now::Reading => {}
            Now::Ended => return Ok(None),
            Now::Failed(_) => {
                if let Now::Failed(error) = std::mem::replace(&mut state.now, Now::Ended) {
                    return Err(error);
                }
            }
            Now::Read(bytes) => {
                let rest = bytes.split_off(size.min(bytes.len()));
                let bytes = std::mem::replace(bytes, rest);
                if matches!(&state.now, Now::Read(rest) if rest.is_empty()) {
                    state.now = Now::Idle;
                }
                return Ok(Some(bytes));
            }
        }
        Ok(Some(Vec::new()))
    }

    /// Waits until there is something to read, or its end.
    pub(super) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        if matches!(state.now, Now::Idle) {
            self.start(&mut state);
        }
        if !matches!(state.now, Now::Reading) {
            return Poll::Ready(());
        }
        if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            state.waiting.push(context.waker().clone());
        }
        Poll::Pending
    }

    /// Has a thread read the next bytes. It ends with that; if nothing ever comes it waits as long as the process runs.
    fn start(&self, state: &mut State) {
        let shared = self.0.clone();
        let thread = thread::Builder::new().name("wasmtime-compat-stdin".into());
        state.now = match thread.spawn(move || shared.fill()) {
            Ok(_) => Now::Reading,
            Err(error) => Now::Failed(error),
        };
    }
}

impl fmt::Debug for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pipe").field(&self.0.path).finish()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self) {
        let file = self.lock().file.take();
        let open = || File::open(&self.path).map(|file| Box::new(file) as Box<dyn Read + Send>);
        let file = file.map_or_else(open, Ok);
        let read = file.and_then(|mut file| Ok((read_some(&mut file, CHUNK)?, file)));
        // At the end it is closed before the end is reported, so that a later writer to the pipe reaches the next
        // reader.
        let (now, file) = match read {
            Ok((bytes, file)) if bytes.is_empty() => {
                drop(file);
                (Now::Ended, None)
            }
            Ok((bytes, file)) => (Now::Read(bytes), Some(file)),
            Err(error) => (Now::Failed(error), None),
        };
        let mut state = self.lock();
        (state.now, state.file) = (now, file);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// Up to `size` bytes; none at the end.
pub(super) fn read_some(file: &mut impl Read, size: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; size.min(CHUNK)];
    let count = loop {
        match file.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            count => break count?,
        }
    };
    buffer.truncate(count);
    Ok(buffer)
}
