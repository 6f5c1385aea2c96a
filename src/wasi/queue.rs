//! Owns standard input that the host feeds while guests run: a bounded queue, with the host at one end.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::stream::InputStream;

/// The host's end of standard input that the host feeds: see [`Stdin::pipe`](super::Stdin::pipe).
///
/// A guest that reads while the queue is empty waits for the host to write or to close it. The queue is closed when the
/// writer is dropped.
///
/// [`Write`] is implemented for the writer and for references to it: it blocks while the queue is full, so the writing thread
/// must not be the one that runs the guest. [`StdinWriter::try_write`] never blocks.
///
/// ```
/// use std::io::ErrorKind;
///
/// use wasmtime_compat::wasi::Stdin;
///
/// let (writer, stdin) = Stdin::pipe(4);
/// // As no guest has read anything yet, there is room for four bytes.
/// assert_eq!((writer.try_write(b"abcdef")?, writer.len()), (4, 4));
/// writer.close();
/// assert_eq!(writer.try_write(b"g").unwrap_err().kind(), ErrorKind::NotConnected);
/// drop(stdin);
/// assert_eq!(writer.try_write(b"g").unwrap_err().kind(), ErrorKind::BrokenPipe);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct StdinWriter(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    capacity: usize,
    state: Mutex<State>,
    /// Notified when there is room again, and when the reader is gone.
    room: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: VecDeque<u8>,
    is_closed: bool,
    /// Whether no store or configuration can read any more.
    is_abandoned: bool,
    readers: Vec<Waker>,
    writers: Vec<Waker>,
}

/// A queue that holds `capacity` bytes, at least one.
pub(super) fn queue(capacity: usize) -> (StdinWriter, Reader) {
    let queue = Arc::new(Queue { capacity: capacity.max(1), state: Mutex::default(), room: Condvar::new() });
    (StdinWriter(queue.clone()), Reader(queue))
}

impl StdinWriter {
    /// Writes what there is room for, and returns the number of bytes written: zero if the queue is full.
    ///
    /// # Errors
    /// [`BrokenPipe`](io::ErrorKind::BrokenPipe) if no guest can read any more: the configuration and all its stores are gone.
    /// [`NotConnected`](io::ErrorKind::NotConnected) if the queue is closed.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.put(&mut self.0.lock(), bytes)
    }

    /// Writes everything, and waits while the queue is full.
    ///
    /// # Errors
    /// As [`StdinWriter::try_write`].
    pub fn write_all_async(&self, bytes: &[u8]) -> impl Future<Output = io::Result<()>> + Send {
        let mut written = 0;
        poll_fn(move |context| {
            let mut state = self.0.lock();
            while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
                match self.0.put(&mut state, rest) {
                    Ok(0) => return wait(&mut state.writers, context),
                    Ok(count) => written += count,
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
            Poll::Ready(Ok(()))
        })
    }

    /// Ends the input: guests see the end once they have read what is in the queue.
    pub fn close(&self) {
        self.0.change(|state| state.is_closed = true);
    }

    /// Opens the queue again after [`StdinWriter::close`]. Guests that have seen the end and read once more wait for new input.
    pub fn reopen(&self) {
        self.0.change(|state| state.is_closed = false);
    }

    /// The number of bytes that guests have not read yet.
    pub fn len(&self) -> usize {
        self.0.lock().bytes.len()
    }

    /// Whether guests have read everything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Write for &StdinWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock();
        loop {
            match self.0.put(&mut state, bytes)? {
                0 if !bytes.is_empty() => state = self.0.room.wait(state).unwrap_or_else(PoisonError::into_inner),
                count => return Ok(count),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for StdinWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for StdinWriter {
    fn drop(&mut self) {
        self.close();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts in what there is room for.
    fn put(&self, state: &mut State, bytes: &[u8]) -> io::Result<usize> {
        if state.is_abandoned {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if state.is_closed {
            return Err(io::ErrorKind::NotConnected.into());
        }
        let room = self.capacity.saturating_sub(state.bytes.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        state.bytes.extend(taken);
        if !taken.is_empty() {
            state.readers.drain(..).for_each(Waker::wake);
        }
        Ok(taken.len())
    }

    /// Changes the state, and wakes all that wait for one.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        state.readers.drain(..).for_each(Waker::wake);
        state.writers.drain(..).for_each(Waker::wake);
        self.room.notify_all();
    }
}

/// The guests' end.
#[derive(Debug)]
pub(super) struct Reader(Arc<Queue>);

impl InputStream for Reader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut state = self.0.lock();
        if state.bytes.is_empty() {
            return if state.is_closed { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        let count = state.bytes.len().min(bytes.len());
        bytes.iter_mut().zip(state.bytes.drain(..count)).for_each(|(byte, read)| *byte = read);
        state.writers.drain(..).for_each(Waker::wake);
        self.0.room.notify_all();
        Ok(count)
    }

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        if !state.bytes.is_empty() || state.is_closed {
            return Poll::Ready(());
        }
        wait(&mut state.readers, context)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.change(|state| state.is_abandoned = true);
    }
}

/// Waits for the next change.
fn wait<T>(waiting: &mut Vec<Waker>, context: &Context<'_>) -> Poll<T> {
    if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
        waiting.push(context.waker().clone());
    }
    Poll::Pending
}

#[cfg(test)]
mod tests {
    //! The queue is bounded, and each end learns what becomes of the other.

    use super::*;

    #[test]
    fn what_does_not_fit_is_not_taken() {
        let (writer, mut reader) = queue(4);
        assert_eq!(writer.try_write(b"abcdef").unwrap(), 4);
        assert_eq!(writer.try_write(b"ef").unwrap(), 0);
        let mut bytes = [0; 3];
        assert_eq!(reader.read(&mut bytes).unwrap(), 3);
        assert_eq!((&bytes, writer.len()), (b"abc", 1));
        assert_eq!(writer.try_write(b"ef").unwrap(), 2);
    }

    #[test]
    fn an_end_can_be_followed_by_more() {
        let (writer, mut reader) = queue(4);
        let mut bytes = [0; 4];
        assert_eq!(reader.read(&mut bytes).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        writer.close();
        assert_eq!(reader.read(&mut bytes).unwrap(), 0);
        assert_eq!(writer.try_write(b"a").unwrap_err().kind(), io::ErrorKind::NotConnected);
        writer.reopen();
        assert_eq!(reader.read(&mut bytes).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(writer.try_write(b"a").unwrap(), 1);
        drop(writer);
        assert_eq!((reader.read(&mut bytes).unwrap(), reader.read(&mut bytes).unwrap()), (1, 0));
    }

    #[test]
    fn a_blocked_writer_is_woken() {
        let (mut writer, mut reader) = queue(1);
        std::thread::scope(|scope| {
            let written = scope.spawn(move || writer.write_all(b"abc").map_err(|error| error.kind()));
            let mut byte = [0];
            for expected in *b"ab" {
                while reader.read(&mut byte).is_err() {
                    std::thread::yield_now();
                }
                assert_eq!(byte[0], expected);
            }
            // The last byte may be in the queue already, or not: the writer never has to wait for a reader that is gone.
            drop(reader);
            assert!(matches!(written.join().unwrap(), Ok(()) | Err(io::ErrorKind::BrokenPipe)));
        });
    }
}
