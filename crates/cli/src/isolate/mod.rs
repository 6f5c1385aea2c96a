//! Owns runs in a process of their own, which a guest can end without ending this one: their limits, and what the death
//! of the process means. The process is this program again: `process` is its outside, `inside` its inside, `messages` is
//! what goes over the pipes between them.

#[cfg(unix)]
mod descriptors;
#[cfg(not(unix))]
#[path = "no_descriptors.rs"]
mod descriptors;
mod inside;
mod messages;
mod process;
mod signals;

use std::fmt::Write as _;
use std::io;
use std::process::ExitStatus;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use wasmtime_compat::AnyWasmtime;

pub(crate) use self::inside::{COMMAND, IsolatedArgs, command};
use self::messages::{Finished, Report};
use self::process::{GRACE, Worker};
use crate::execute::{blank, compiled_too_long, compiling, running};
use crate::guest_file::GuestFile;
use crate::json::{Kind, Outcome, Run};
use crate::style::Spinner;

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

/// Runs a guest on one major in a process of its own. Whatever ends that process, there is a run to show.
///
/// # Errors
/// What the operating system reports if the process cannot be started or watched.
pub(crate) fn execute(wasmtime: &dyn AnyWasmtime, guest: &GuestFile, limits: &Limits) -> io::Result<Run> {
    let started = Instant::now();
    let spinner = Spinner::new(compiling(guest, wasmtime));
    let mut worker = Worker::start(wasmtime.major(), guest, limits)?;
    let mut run = blank(wasmtime, guest.json.clone());

    let mut deadline = started.checked_add(limits.compile);
    let first = worker.report(deadline);
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
            (worker.report(deadline), Some(now))
        }
        report => (report, None),
    };
    match report {
        Ok(Report::Finished(finished)) => {
            let Finished { run: reported, stdout_kept, stderr_kept, .. } = *finished;
            run = Run { stdout_kept, stderr_kept, guest: guest.json.clone(), ..reported };
            // One that does not end is killed, which says nothing about the guest.
            if let Some(status) = worker.end()?
                && !status.success()
            {
                crashed(&mut run, status, &worker.stderr_tail(), "after it had run the guest");
            }
        }
        Err(RecvTimeoutError::Timeout) => {
            worker.kill()?;
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
            let status = match worker.end()? {
                Some(status) => status,
                None => worker.wait()?,
            };
            let when = if compiled.is_some() { "while it ran the guest" } else { "while it compiled the guest" };
            run.seconds = compiled.map_or(0.0, |compiled| compiled.elapsed().as_secs_f64());
            run.output_lost = true;
            crashed(&mut run, status, &worker.stderr_tail(), when);
        }
    }
    Ok(run)
}

/// Turns a run into one whose process ended by itself.
fn crashed(run: &mut Run, status: ExitStatus, stderr_tail: &str, when: &str) {
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
    if !stderr_tail.is_empty() {
        let _ = write!(error, ": {stderr_tail}");
    }
    (run.error, run.error_text) = (Some(error), None);
    run.error_kind = Some(Kind::Crashed);
    let killed = run.signal.as_ref().is_some_and(|signal| signal.number == signals::KILL);
    run.error_hint = killed.then(|| "the kernel sends SIGKILL when memory runs out".to_owned());
}
