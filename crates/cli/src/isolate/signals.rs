//! Owns the names of the signals that end processes.

use std::process::ExitStatus;

use crate::json::Signal;

/// What the kernel sends a process that cannot go on, among others when memory runs out; it has this number on all systems.
pub(super) const KILL: i32 = 9;

/// The signal that ended a process.
#[cfg(unix)]
pub(super) fn of(status: ExitStatus) -> Option<Signal> {
    use std::os::unix::process::ExitStatusExt as _;

    status.signal().map(|number| Signal { name: name(number).map(Into::into), number })
}

/// Without signals an exit code says how a process ended.
#[cfg(not(unix))]
pub(super) fn of(_: ExitStatus) -> Option<Signal> {
    None
}

/// Those that mostly end processes. Their numbers are the same on all systems, but for two.
#[cfg(unix)]
fn name(number: i32) -> Option<&'static str> {
    Some(match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        8 => "SIGFPE",
        KILL => "SIGKILL",
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
