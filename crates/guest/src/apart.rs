//! Owns work in a thread of its own, for libraries that go down the structure of types and that may panic.

use std::fmt;
use std::io;

/// Validation allows about a hundred types, one within another.
const STACK: usize = 16 << 20;

/// The reason why work in a thread has no result.
#[derive(Debug)]
pub(crate) enum Apart {
    /// The operating system did not start the thread.
    NotStarted(io::Error),
    /// The work panicked.
    Panicked,
}

/// Works in a thread of its own, called `name`: `work` must neither exhaust the caller's stack nor take the caller with it if
/// it panics.
pub(crate) fn apart<T: Send>(name: &str, work: impl FnOnce() -> T + Send) -> Result<T, Apart> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(STACK);
        let thread = thread.spawn_scoped(scope, work).map_err(Apart::NotStarted)?;
        thread.join().map_err(|_| Apart::Panicked)
    })
}

impl fmt::Display for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(error) => write!(f, "no thread can be started: {error}"),
            Self::Panicked => f.write_str("the library for components panicked"),
        }
    }
}
