//! Owns `Outcome` and `Completed`: how a guest ended, and what it left behind.

use std::fmt;
use std::time::Duration;

use super::guard::AdapterWarning;
use crate::error::{Error, ErrorKind, Result, Trap};
use crate::wasi::{Captured, PreopenReport};

/// The outcome of a guest's run.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It returned, which is code 0, or exited with a code. A component, and so also a preview1 module behind an
    /// adapter, can only report 0 or 1. Codes from 126 on are refused by Wasmtime's WASI, on every major: a guest that
    /// exits with one has [trapped](Trap::InvalidExitCode).
    Exited(i32),
    /// It was stopped for a fault of its own.
    #[non_exhaustive]
    Trapped {
        /// The fault.
        trap: Trap,
        /// The whole error, with Wasmtime's description of the fault and [where the guest
        /// was](Error::wasm_backtrace).
        error: Error,
    },
    /// Its wall-clock time was up. That holds too for a guest that ended by itself but later than it was allowed to:
    /// nothing interrupts the host's own work inside one call, or one instruction that fills a memory or a table.
    TimedOut,
    /// The host failed while it ran: by a panic inside Wasmtime's own WASI, an error of a host function, or an error of
    /// the operating system that no guest can cause.
    Failed(Error),
}

/// A guest that ran, however it ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Completed {
    /// The outcome of the run.
    pub outcome: Outcome,
    /// The captured standard output, empty if it was not captured.
    pub stdout: Captured,
    /// The captured standard error, empty if it was not captured.
    pub stderr: Captured,
    /// The status of each preopen.
    pub preopens: PreopenReport,
    /// Known flaws of its adapters that it can reach: they did not keep it from running. What is too long for an
    /// adapter is among them if there was such a string; see [`AdapterWarning::overflow`].
    pub adapter_warnings: Vec<AdapterWarning>,
    /// The fuel it burnt, if fuel was counted.
    pub fuel_consumed: Option<u64>,
    /// The core dump of a guest that trapped, in the form of [`WasmCoreDump::serialize`](crate::WasmCoreDump::serialize), if the engine
    /// makes core dumps: that of [`RunConfig::core_dump`](crate::RunConfig::core_dump) does. Its name is the guest's first argument. The
    /// error says why a core dump cannot be written.
    pub core_dump: Option<Result<Vec<u8>>>,
    /// Wall-clock time from making its store to its end.
    pub elapsed: Duration,
}

impl Outcome {
    pub(super) fn of(result: Result<()>) -> Self {
        match result {
            Ok(()) => Self::Exited(0),
            Err(error) => match (error.exit_code(), error.trap().cloned(), error.kind()) {
                (Some(code), ..) => Self::Exited(code),
                (_, Some(trap), _) => Self::Trapped { trap, error },
                (.., ErrorKind::TimedOut) => Self::TimedOut,
                _ => Self::Failed(error),
            },
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exited with code {code}"),
            Self::Trapped { trap, .. } => write!(f, "trapped: {trap}"),
            Self::TimedOut => f.write_str("timed out"),
            Self::Failed(error) => write!(f, "failed: {error:#}"),
        }
    }
}
