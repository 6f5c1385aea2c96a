//! Owns the process of a run seen from outside: starting it, its pipes, how long to wait for it, and its last words.

use std::io::{self, Read, Write};
#[cfg(target_os = "linux")]
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::messages::{Report, Request, receive, send};
use super::{COMMAND, Limits, descriptors};
use crate::execute::wants_backtrace;
use crate::guest_file::GuestFile;
use crate::style::{lines, visible};

/// How much time beyond the guest's timeout the other process has to report, and then once more to end.
pub(super) const GRACE: Duration = Duration::from_secs(10);
/// How many bytes of the other process's standard error are kept, the last ones.
const STDERR_KEPT: usize = 64 << 10;
/// How many characters of them are shown.
const STDERR_SHOWN: usize = 500;
/// The most bytes of text that a byte of captured output becomes: what is not UTF-8 is replaced.
const WIDEST: u64 = 3;
/// The most bytes of a report, without captured output.
const LARGEST_REPORT: u64 = 256 << 20;

/// The other process, seen from this one.
pub(super) struct Worker {
    child: Child,
    reports: Receiver<Report>,
    /// Ends with the pipe to the other process, which takes the closing of the pipe for the end of this process.
    request: Option<JoinHandle<Box<dyn Write + Send>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
}

impl Worker {
    pub(super) fn start(major: u64, guest: &GuestFile, limits: &Limits) -> io::Result<Self> {
        let mut command = this_program()?;
        command.arg(COMMAND).arg(major.to_string());
        let own = if limits.captured.is_some() {
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            None
        } else {
            Some(descriptors::pass(&mut command)?)
        };
        command.arg("--").args(std::env::args_os().skip(1));
        let mut child = command.spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let (request, reports): (Box<dyn Write + Send>, Box<dyn Read + Send>) = match own {
            Some(descriptors::Pipes { request, reports, passed }) => {
                // Only the other process has them open now, so that the reports end with it.
                drop(passed);
                (Box::new(request), Box::new(reports))
            }
            None => {
                (Box::new(child.stdin.take().ok_or_else(missing)?), Box::new(child.stdout.take().ok_or_else(missing)?))
            }
        };
        let output = u64::try_from(limits.captured.unwrap_or(0)).unwrap_or(u64::MAX).saturating_mul(2 * WIDEST);
        let stderr = child.stderr.take();
        let mut worker = Self { child, reports: mpsc::channel().1, request: None, stderr: None };
        if let Err(error) = worker.watch(request, reports, stderr, guest, LARGEST_REPORT.saturating_add(output)) {
            worker.kill()?;
            return Err(error);
        }
        Ok(worker)
    }

    /// Starts a thread for each pipe: none of them then keeps another from being read or written.
    fn watch(
        &mut self,
        mut request: Box<dyn Write + Send>,
        reports: Box<dyn Read + Send>,
        stderr: Option<impl Read + Send + 'static>,
        guest: &GuestFile,
        limit: u64,
    ) -> io::Result<()> {
        let thread = |name: &str| thread::Builder::new().name(name.to_owned());
        let (sender, receiver) = mpsc::channel();
        self.reports = receiver;
        thread("reports").spawn(move || receive(reports.take(limit), &sender))?;
        let wasm = Arc::clone(&guest.wasm);
        let length = u64::try_from(wasm.len()).map_err(io::Error::other)?;
        let head = Request { name: guest.name.clone(), guest: guest.json.clone(), length };
        self.request = Some(thread("request").spawn(move || {
            // A process that has ended does not read it, and how it ended is found out elsewhere.
            let _ = send(&mut *request, &head).and_then(|()| request.write_all(&wasm)).and_then(|()| request.flush());
            request
        })?);
        if let Some(stderr) = stderr {
            self.stderr = Some(thread("stderr").spawn(move || last_bytes(stderr))?);
        }
        Ok(())
    }

    /// The next report, if there is one before the deadline.
    pub(super) fn report(&self, deadline: Option<Instant>) -> Result<Report, RecvTimeoutError> {
        match deadline {
            Some(deadline) => self.reports.recv_timeout(deadline.saturating_duration_since(Instant::now())),
            None => self.reports.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// Waits for its end, which must come soon: it has nothing left to do. `None` if it had to be killed.
    pub(super) fn end(&mut self) -> io::Result<Option<ExitStatus>> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            if started.elapsed() > GRACE {
                return self.kill().map(|_| None);
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits for its end, however long that takes.
    pub(super) fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }

    pub(super) fn kill(&mut self) -> io::Result<ExitStatus> {
        self.child.kill()?;
        self.wait()
    }

    /// The end of its standard error on one line, without a backtrace, once the process has ended; empty if that was not
    /// captured. With a backtrace asked for, all of it is shown as well.
    pub(super) fn stderr_tail(&mut self) -> String {
        let bytes = self.stderr.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        if wants_backtrace() {
            let _ = write!(io::stderr(), "{}", lines(&text));
        }
        let text = text.rsplit_once("stack backtrace:").map_or(&*text, |(before, _)| before);
        let words = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("note: "));
        let words: Vec<&str> = words.collect();
        let words = visible(&words.join("; "));
        let cut = words.chars().count().saturating_sub(STDERR_SHOWN);
        let shown: String = words.chars().skip(cut).collect();
        if cut > 0 { format!("…{shown}") } else { shown }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Only a process that could not be watched is still there.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.kill();
        }
    }
}

/// A command that is this very program, even if its file has been replaced or removed meanwhile.
#[cfg(target_os = "linux")]
fn this_program() -> io::Result<Command> {
    use std::os::unix::process::CommandExt as _;

    let running = Path::new("/proc/self/exe");
    let mut command = Command::new(if running.exists() { running.to_owned() } else { std::env::current_exe()? });
    command.arg0(std::env::args_os().next().unwrap_or_else(|| "wasmtime-compat".into()));
    Ok(command)
}

/// A command that is this program.
#[cfg(not(target_os = "linux"))]
fn this_program() -> io::Result<Command> {
    std::env::current_exe().map(Command::new)
}

/// Reads a stream to its end and keeps the last bytes.
fn last_bytes(mut stream: impl Read) -> Vec<u8> {
    let (mut kept, mut buffer) = (Vec::new(), [0; 4 << 10]);
    loop {
        match stream.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(count @ 1..) => {
                kept.extend_from_slice(buffer.get(..count).unwrap_or_default());
                kept.drain(..kept.len().saturating_sub(STDERR_KEPT));
            }
            Ok(0) | Err(_) => return kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_long_stream_is_kept() {
        let mut bytes = vec![b'a'; 3 * STDERR_KEPT];
        bytes.extend_from_slice(b"the end");
        let kept = last_bytes(bytes.as_slice());
        assert_eq!(kept.len(), STDERR_KEPT);
        assert!(kept.ends_with(b"the end"));
    }
}
