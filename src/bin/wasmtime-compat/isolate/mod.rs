//! Owns runs in a process of their own, which a guest can end without ending this one: starting it, what goes over its
//! pipes, its limits, and what its death means.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
#[cfg(target_os = "linux")]
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use clap::{Args, Parser as _};
use serde::{Deserialize, Serialize};
use wasmtime_compat::{AnyWasmtime, by_major};

use crate::args::{self, Cli};
use crate::execute::{blank, compiled_too_long, compiling, execute_silently, running, wants_backtrace};
use crate::guest_file::GuestFile;
use crate::json::{self, Outcome, Run};
use crate::style::{Spinner, lines, visible};

/// The hidden command that is the other process.
pub(crate) const COMMAND: &str = "isolated-run";
/// How much time beyond the guest's timeout the other process has to report, and then once more to end.
const GRACE: Duration = Duration::from_secs(10);
/// How many bytes of the other process's standard error are kept, the last ones.
const LAST_WORDS: usize = 64 << 10;
/// How many characters of them are shown.
const LAST_WORDS_SHOWN: usize = 500;
/// The most bytes of text that a byte of captured output becomes: what is not UTF-8 is replaced.
const WIDEST: u64 = 3;
/// The most bytes of a report, without captured output.
const LARGEST_REPORT: u64 = 256 << 20;

/// What the other process is given.
#[derive(Args, Debug)]
pub(crate) struct IsolatedArgs {
    /// The major to run on
    major: u64,
    /// The descriptors of the request and of the reports, if they are not standard input and output
    #[arg(long, num_args = 2)]
    descriptors: Option<Vec<u32>>,
    /// The command line of the process that waits
    #[arg(last = true)]
    command: Vec<OsString>,
}

/// The limits of a run from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From the start of the process to the end of compiling.
    pub(crate) compile: Duration,
    /// The guest's own timeout, which the other process watches too.
    pub(crate) run: Option<Duration>,
    /// How many bytes of each stream are captured; `None` if the guest has the streams of this process.
    pub(crate) captured: Option<usize>,
}

/// What the other process reads first, on a line; the guest's bytes follow.
#[derive(Deserialize, Serialize)]
struct Request {
    name: String,
    guest: json::Guest,
    length: u64,
}

/// What the other process writes, each on a line.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Report {
    Compiled,
    Finished(Box<Finished>),
}

/// A run, with the fields that its own JSON leaves out, and without the guest, which the process that waits has. The text
/// of the streams follows the line as it is: as JSON it could be six times as long.
#[derive(Deserialize, Serialize)]
struct Finished {
    run: Run,
    stdout_kept: usize,
    stderr_kept: usize,
    stdout_length: u64,
    stderr_length: u64,
}

/// Runs a guest on one major in a process of its own. Whatever ends that process, there is a run to show.
///
/// # Errors
/// What the operating system reports if the process cannot be started or watched.
pub(crate) fn execute(wasmtime: &dyn AnyWasmtime, guest: &GuestFile, limits: &Limits) -> io::Result<Run> {
    let started = Instant::now();
    let spinner = Spinner::new(compiling(guest, wasmtime));
    let mut other = Other::start(wasmtime.major(), guest, limits)?;
    let mut run = blank(wasmtime, guest.json.clone());

    let mut deadline = started.checked_add(limits.compile);
    let first = other.report(deadline);
    let (report, compiled) = match first {
        Ok(Report::Compiled) => {
            if limits.captured.is_some() {
                spinner.say(running(guest, wasmtime));
            } else {
                // The terminal is the guest's now.
                drop(spinner);
            }
            let now = Instant::now();
            deadline = limits.run.and_then(|timeout| now.checked_add(timeout)?.checked_add(GRACE));
            (other.report(deadline), Some(now))
        }
        report => (report, None),
    };
    match report {
        Ok(Report::Finished(finished)) => {
            let Finished { run: reported, stdout_kept, stderr_kept, .. } = *finished;
            run = Run { stdout_kept, stderr_kept, guest: guest.json.clone(), ..reported };
            // One that does not end is killed, which says nothing about the guest.
            if let Some(status) = other.end()?
                && !status.success()
            {
                crashed(&mut run, status, &other.last_words(), "after it had run the guest");
            }
        }
        Err(RecvTimeoutError::Timeout) => {
            other.kill()?;
            match compiled {
                None => return Ok(compiled_too_long(wasmtime, guest.json.clone(), limits.compile)),
                Some(compiled) => {
                    run.outcome = Outcome::TimedOut;
                    run.seconds = compiled.elapsed().as_secs_f64();
                    run.output_lost = true;
                }
            }
        }
        // The pipe was closed, or something else than a report came over it.
        Ok(Report::Compiled) | Err(RecvTimeoutError::Disconnected) => {
            let status = match other.end()? {
                Some(status) => status,
                None => other.child.wait()?,
            };
            let when = if compiled.is_some() { "while it ran the guest" } else { "while it compiled the guest" };
            run.seconds = compiled.map_or(0.0, |compiled| compiled.elapsed().as_secs_f64());
            run.output_lost = true;
            crashed(&mut run, status, &other.last_words(), when);
        }
    }
    Ok(run)
}

/// The other process, seen from this one.
struct Other {
    child: Child,
    reports: Receiver<Report>,
    /// Ends with the pipe to the other process, which takes the closing of the pipe for the end of this process.
    request: Option<JoinHandle<Box<dyn Write + Send>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
}

impl Other {
    fn start(major: u64, guest: &GuestFile, limits: &Limits) -> io::Result<Self> {
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
        let mut other = Self { child, reports: mpsc::channel().1, request: None, stderr: None };
        if let Err(error) = other.watch(request, reports, stderr, guest, LARGEST_REPORT.saturating_add(output)) {
            other.kill()?;
            return Err(error);
        }
        Ok(other)
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
    fn report(&self, deadline: Option<Instant>) -> Result<Report, RecvTimeoutError> {
        match deadline {
            Some(deadline) => self.reports.recv_timeout(deadline.saturating_duration_since(Instant::now())),
            None => self.reports.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// Waits for its end, which must come soon: it has nothing left to do. `None` if it had to be killed.
    fn end(&mut self) -> io::Result<Option<ExitStatus>> {
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

    fn kill(&mut self) -> io::Result<ExitStatus> {
        self.child.kill()?;
        self.child.wait()
    }

    /// The end of its standard error on one line, without a backtrace, once the process has ended; empty if that was not
    /// captured. With a backtrace asked for, all of it is shown as well.
    fn last_words(&mut self) -> String {
        let bytes = self.stderr.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        if wants_backtrace() {
            let _ = write!(io::stderr(), "{}", lines(&text));
        }
        let text = text.rsplit_once("stack backtrace:").map_or(&*text, |(before, _)| before);
        let words = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("note: "));
        let words: Vec<&str> = words.collect();
        let words = visible(&words.join("; "));
        let cut = words.chars().count().saturating_sub(LAST_WORDS_SHOWN);
        let shown: String = words.chars().skip(cut).collect();
        if cut > 0 { format!("…{shown}") } else { shown }
    }
}

impl Drop for Other {
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

/// Hands on the reports that come over a pipe, up to its end or to something else than a report.
fn receive(pipe: impl Read, reports: &Sender<Report>) {
    let mut pipe = BufReader::new(pipe);
    loop {
        let mut line = Vec::new();
        match pipe.read_until(b'\n', &mut line) {
            Ok(1..) if line.last() == Some(&b'\n') => {}
            _ => return,
        }
        let Ok(mut report) = serde_json::from_slice(&line) else { return };
        if let Report::Finished(finished) = &mut report {
            let Finished { run, stdout_length, stderr_length, .. } = &mut **finished;
            for (stream, length) in [(&mut run.stdout, *stdout_length), (&mut run.stderr, *stderr_length)] {
                match (&mut pipe).take(length).read_to_string(stream) {
                    Ok(count) if u64::try_from(count) == Ok(length) => {}
                    _ => return,
                }
            }
        }
        if reports.send(report).is_err() {
            return;
        }
    }
}

/// Reads a stream to its end and keeps the last bytes.
fn last_bytes(mut stream: impl Read) -> Vec<u8> {
    let (mut kept, mut buffer) = (Vec::new(), [0; 4 << 10]);
    loop {
        match stream.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(count @ 1..) => {
                kept.extend_from_slice(buffer.get(..count).unwrap_or_default());
                kept.drain(..kept.len().saturating_sub(LAST_WORDS));
            }
            Ok(0) | Err(_) => return kept,
        }
    }
}

fn send(pipe: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    pipe.write_all(&line)
}

/// Turns a run into one whose process ended by itself.
fn crashed(run: &mut Run, status: ExitStatus, last_words: &str, when: &str) {
    run.outcome = Outcome::Crashed;
    (run.code, run.trap) = (None, None);
    run.signal = signals::of(status);
    let how = match (&run.signal, status.code()) {
        (Some(signal), _) => format!("was ended by {}", signal.shown()),
        (None, Some(0)) => "ended without a report".to_owned(),
        // Windows has large ones that mean something as hexadecimal digits only.
        (None, Some(code)) if !(0..=255).contains(&code) => format!("ended with exit code {code:#x}"),
        (None, Some(code)) => format!("ended with exit code {code}"),
        (None, None) => "ended".to_owned(),
    };
    let mut error = format!("the process {how} {when}");
    if !last_words.is_empty() {
        let _ = write!(error, ": {last_words}");
    }
    run.error = Some(error);
    run.error_kind = Some("crashed".to_owned());
    let killed = run.signal.as_ref().is_some_and(|signal| signal.name.as_deref() == Some("SIGKILL"));
    run.error_hint = killed.then(|| "the kernel sends SIGKILL when memory runs out".to_owned());
}

/// The other process: reads a guest, runs it here, and reports.
pub(crate) fn command(args: &IsolatedArgs) -> ExitCode {
    match serve(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error is what the waiting process shows of this one.
            let _ = writeln!(io::stderr(), "{}", visible(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

fn serve(args: &IsolatedArgs) -> io::Result<()> {
    let wasmtime = by_major(args.major).ok_or_else(|| io::Error::other("no such major"))?;
    let line = std::iter::once(OsString::from("wasmtime-compat")).chain(args.command.iter().cloned());
    let cli = Cli::try_parse_from(line).map_err(io::Error::other)?;
    // Only these two start processes, and here neither does.
    let (wasi, arguments, captured) = match &cli.command {
        args::Command::Run(run) => (&run.wasi, &run.args, cli.json.on || run.json.on),
        args::Command::Compare(compare) => (&compare.wasi, &compare.args, true),
        _ => return Err(io::Error::other("not a command that runs a guest")),
    };
    let (request, mut reports): (Box<dyn Read + Send>, Box<dyn Write>) = match args.descriptors.as_deref() {
        Some([request, reports]) => {
            (Box::new(descriptors::open_to_read(*request)?), Box::new(descriptors::open_to_write(*reports)?))
        }
        Some(_) => return Err(io::Error::other("two descriptors are expected")),
        None => (Box::new(io::stdin()), Box::new(io::stdout())),
    };
    let guest = receive_guest(request)?;
    let config = wasi.config(guest.name.clone(), arguments, captured);
    let mut sent = Ok(());
    let compiled = || sent = send(&mut *reports, &Report::Compiled).and_then(|()| reports.flush());
    let run = execute_silently(wasmtime, &guest, &config, compiled);
    sent?;
    send_run(&mut *reports, run)
}

fn send_run(reports: &mut dyn Write, mut run: Run) -> io::Result<()> {
    let (stdout, stderr) = (std::mem::take(&mut run.stdout), std::mem::take(&mut run.stderr));
    run.guest.imports_wasi = Vec::new();
    let length = |text: &str| u64::try_from(text.len()).map_err(io::Error::other);
    let finished = Finished {
        stdout_kept: run.stdout_kept,
        stderr_kept: run.stderr_kept,
        stdout_length: length(&stdout)?,
        stderr_length: length(&stderr)?,
        run,
    };
    send(reports, &Report::Finished(Box::new(finished)))?;
    reports.write_all(stdout.as_bytes())?;
    reports.write_all(stderr.as_bytes())?;
    reports.flush()
}

/// Reads the guest. From then on the end of the pipe is the end of the process that waits, and so of this one.
fn receive_guest(pipe: Box<dyn Read + Send>) -> io::Result<GuestFile> {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    pipe.read_until(b'\n', &mut line)?;
    let Request { name, guest, length } = serde_json::from_slice(&line)?;
    let mut wasm = Vec::new();
    wasm.try_reserve_exact(usize::try_from(length).map_err(io::Error::other)?).map_err(io::Error::other)?;
    if u64::try_from((&mut pipe).take(length).read_to_end(&mut wasm)?).ok() != Some(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    thread::Builder::new().name("lifeline".to_owned()).spawn(move || {
        let _ = io::copy(&mut pipe, &mut io::sink());
        std::process::exit(1);
    })?;
    Ok(GuestFile { wasm: Arc::new(wasm), name, json: guest })
}

/// Pipes besides the standard streams. They are open in the other process under the same numbers.
#[cfg(unix)]
mod descriptors {
    use std::fs::{File, OpenOptions};
    use std::io::{self, PipeReader, PipeWriter};
    use std::os::fd::{AsFd as _, AsRawFd as _};
    use std::os::unix::fs::OpenOptionsExt as _;
    use std::process::Command;

    use rustix::fs::{OFlags, fcntl_setfl};
    use rustix::io::{FdFlags, fcntl_setfd};

    /// This process's ends, and the others, which are closed once the other process is started.
    pub(super) struct Pipes {
        pub(super) request: PipeWriter,
        pub(super) reports: PipeReader,
        pub(super) passed: (PipeReader, PipeWriter),
    }

    pub(super) fn pass(command: &mut Command) -> io::Result<Pipes> {
        let (request_there, request) = io::pipe()?;
        let (reports, reports_there) = io::pipe()?;
        fcntl_setfd(request_there.as_fd(), FdFlags::empty())?;
        fcntl_setfd(reports_there.as_fd(), FdFlags::empty())?;
        command.arg("--descriptors");
        command.args([request_there.as_raw_fd().to_string(), reports_there.as_raw_fd().to_string()]);
        Ok(Pipes { request, reports, passed: (request_there, reports_there) })
    }

    pub(super) fn open_to_read(descriptor: u32) -> io::Result<File> {
        open(OpenOptions::new().read(true), descriptor)
    }

    pub(super) fn open_to_write(descriptor: u32) -> io::Result<File> {
        open(OpenOptions::new().write(true), descriptor)
    }

    /// Opens a pipe that is open once more: its number alone cannot be made a file without `unsafe`.
    fn open(options: &mut OpenOptions, descriptor: u32) -> io::Result<File> {
        // Otherwise this would wait for the other end if the process that waits has ended meanwhile.
        let options = options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let file = options.open(format!("/dev/fd/{descriptor}"))?;
        fcntl_setfl(&file, OFlags::empty())?;
        Ok(file)
    }
}

/// Only the standard streams reach the other process here.
#[cfg(not(unix))]
mod descriptors {
    use std::fs::File;
    use std::io;
    use std::process::Command;

    pub(super) struct Pipes {
        pub(super) request: File,
        pub(super) reports: File,
        pub(super) passed: (),
    }

    pub(super) fn pass(_: &mut Command) -> io::Result<Pipes> {
        Err(unsupported())
    }

    pub(super) fn open_to_read(_: u32) -> io::Result<File> {
        Err(unsupported())
    }

    pub(super) fn open_to_write(_: u32) -> io::Result<File> {
        Err(unsupported())
    }

    fn unsupported() -> io::Error {
        io::Error::new(io::ErrorKind::Unsupported, "on this system only captured output can be isolated, see --json")
    }
}

/// What signals are called.
#[cfg(unix)]
mod signals {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    use crate::json::Signal;

    pub(super) fn of(status: ExitStatus) -> Option<Signal> {
        status.signal().map(|number| Signal { name: name(number).map(Into::into), number })
    }

    /// Those that mostly end processes. Their numbers are the same on all systems, but for two.
    fn name(number: i32) -> Option<&'static str> {
        Some(match number {
            1 => "SIGHUP",
            2 => "SIGINT",
            3 => "SIGQUIT",
            4 => "SIGILL",
            5 => "SIGTRAP",
            6 => "SIGABRT",
            8 => "SIGFPE",
            9 => "SIGKILL",
            11 => "SIGSEGV",
            14 => "SIGALRM",
            15 => "SIGTERM",
            24 => "SIGXCPU",
            25 => "SIGXFSZ",
            7 if cfg!(target_os = "linux") => "SIGBUS",
            31 if cfg!(target_os = "linux") => "SIGSYS",
            10 if cfg!(target_os = "macos") => "SIGBUS",
            12 if cfg!(target_os = "macos") => "SIGSYS",
            _ => return None,
        })
    }
}

/// Without signals an exit code says how a process ended.
#[cfg(not(unix))]
mod signals {
    use std::process::ExitStatus;

    use crate::json::Signal;

    pub(super) fn of(_: ExitStatus) -> Option<Signal> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(bytes: &[u8]) -> usize {
        let (sender, receiver) = mpsc::channel();
        receive(bytes, &sender);
        drop(sender);
        receiver.iter().count()
    }

    #[test]
    fn what_is_not_a_report_ends_the_reports() {
        assert_eq!(received(b"\"compiled\"\n\"compiled\"\n"), 2);
        assert_eq!(received(b"\"compiled\"\nnonsense\n\"compiled\"\n"), 1);
        assert_eq!(received(b"\"compiled\"\n{\"finished\":{}}\n"), 1);
        assert_eq!(received(b"\"compiled\""), 0, "the line does not end");
        assert_eq!(received(b""), 0);
    }

    #[test]
    fn only_the_end_of_a_long_stream_is_kept() {
        let mut bytes = vec![b'a'; 3 * LAST_WORDS];
        bytes.extend_from_slice(b"the end");
        let kept = last_bytes(bytes.as_slice());
        assert_eq!(kept.len(), LAST_WORDS);
        assert!(kept.ends_with(b"the end"));
    }
}
