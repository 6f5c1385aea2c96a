//! Owns running a command: its lines as they come, its deadline, its end, and the CPU time it took.

use std::io::{self, BufRead as _, BufReader, Read};
use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Once, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::suite::Invocation;

/// How often a command that says nothing is looked at.
const TICK: Duration = Duration::from_millis(50);

/// How long a command may take to end after it was asked to: nextest gives its tests ten seconds.
const GRACE: Duration = Duration::from_secs(12);

/// How long lines may still come from what a command that has ended left behind.
const DRAIN: Duration = Duration::from_secs(1);

/// The exit code of a program that was stopped by Ctrl-C, as in a shell.
const INTERRUPTED: i32 = 130;

/// The process group that runs right now, 0 if none.
static GROUP: AtomicU32 = AtomicU32::new(0);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; none is a signal.
    pub(crate) code: Option<i32>,
    /// Standard output and standard error, in the order they came.
    pub(crate) lines: Vec<String>,
    /// Whether it was stopped because its time was up.
    pub(crate) timed_out: bool,
}

/// Runs `invocation` to its end, or to the deadline.
///
/// # Errors
/// If it cannot be started or watched.
pub(crate) fn run(invocation: &Invocation, deadline: Option<Instant>, mut on_line: impl FnMut(&str)) -> Result<Ended> {
    let context = || format!("run {}", invocation.show());
    let (reader, writer) = io::pipe().with_context(context)?;
    let mut child = {
        let mut command = invocation.command();
        // A group of its own, so that all of it can be stopped. The command keeps the pipe open until it is dropped.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let other = writer.try_clone().with_context(context)?;
        command.stdin(std::process::Stdio::null()).stdout(other).stderr(writer);
        command.spawn().with_context(context)?
    };
    forward_interrupt();
    GROUP.store(child.id(), Ordering::SeqCst);

    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || send_lines(reader, &sender));
    let mut lines = Vec::new();
    let mut timed_out = false;
    let mut ended: Option<(Option<i32>, Instant)> = None;
    loop {
        match receiver.recv_timeout(TICK) {
            Ok(line) => {
                on_line(&line);
                lines.push(line);
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) if ended.is_some() => break,
            Err(mpsc::RecvTimeoutError::Disconnected) => thread::sleep(TICK),
        }
        match ended {
            Some((_, at)) if at.elapsed() > DRAIN => break,
            Some(_) => {}
            None => {
                if let Some(status) = child.try_wait().with_context(context)? {
                    ended = Some((status.code(), Instant::now()));
                } else if !timed_out && deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    timed_out = true;
                    stop(&mut child);
                    let status = child.wait().with_context(context)?;
                    ended = Some((status.code(), Instant::now()));
                }
            }
        }
    }
    GROUP.store(0, Ordering::SeqCst);
    Ok(Ended { code: ended.and_then(|(code, _)| code), lines, timed_out })
}

fn send_lines(from: impl Read, to: &mpsc::Sender<String>) {
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        if to.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
            return;
        }
        line.clear();
    }
}

/// Asks the whole group to end, and makes it.
#[cfg(unix)]
fn stop(child: &mut Child) {
    use nix::sys::signal::Signal;
    let group = child.id();
    signal(group, Signal::SIGTERM);
    let asked = Instant::now();
    while asked.elapsed() < GRACE && child.try_wait().is_ok_and(|status| status.is_none()) {
        thread::sleep(TICK);
    }
    signal(group, Signal::SIGKILL);
}

#[cfg(not(unix))]
fn stop(child: &mut Child) {
    // There is no group to ask: the tests it started may go on for a while.
    let _ = (child.kill(), GRACE);
}

#[cfg(unix)]
fn signal(group: u32, signal: nix::sys::signal::Signal) {
    if let Ok(group) = i32::try_from(group) {
        let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(group), signal);
    }
}

/// On Ctrl-C and SIGTERM ends the group too: it is not in the group that the terminal tells.
fn forward_interrupt() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // A caller with a handler of its own keeps it.
        let _ = ctrlc::try_set_handler(|| {
            let group = GROUP.load(Ordering::SeqCst);
            if group != 0 {
                #[cfg(unix)]
                signal(group, nix::sys::signal::Signal::SIGTERM);
            }
            std::process::exit(INTERRUPTED);
        });
    });
}

/// CPU seconds, user and system, of all commands that have ended.
#[cfg(unix)]
pub(crate) fn cpu_seconds() -> Option<f64> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    Some((usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6)
}

#[cfg(not(unix))]
pub(crate) fn cpu_seconds() -> Option<f64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    //! Lines come in order, and a deadline ends the whole group.

    use super::*;

    fn shell(script: &str, deadline: Option<Duration>) -> Ended {
        let args = vec!["-c".to_owned(), script.to_owned()];
        let invocation = Invocation { program: "/bin/sh".into(), args, dir: ".".into(), ..Invocation::default() };
        run(&invocation, deadline.map(|time| Instant::now() + time), |_| {}).unwrap()
    }

    #[test]
    fn lines_and_code() {
        let ended = shell("echo a; echo b >&2; echo c; exit 3", None);
        assert_eq!(
            (ended.code, ended.lines, ended.timed_out),
            (Some(3), vec!["a".into(), "b".into(), "c".into()], false)
        );
    }

    #[test]
    fn a_deadline_ends_the_group() {
        let start = Instant::now();
        let ended = shell("echo a; sleep 60 & sleep 60; echo b", Some(Duration::from_millis(300)));
        assert!(ended.timed_out && start.elapsed() < Duration::from_secs(10), "{ended:?}");
        assert_eq!((ended.code, ended.lines), (None, vec!["a".to_owned()]));
    }

    #[test]
    fn what_is_left_behind_is_not_waited_for() {
        let start = Instant::now();
        let ended = shell("echo a; sleep 20 & exit 0", None);
        assert_eq!(ended.code, Some(0));
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
