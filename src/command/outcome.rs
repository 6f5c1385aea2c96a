//! Owns `Outcome` and `Completed`: how a guest ended, and what it left behind.

use std::fmt;
use std::time::Duration;

use super::guard::AdapterWarning;
use crate::error::{Error, ErrorKind, Result, Trap};
use crate::wasi::{Captured, PreopenReport};

/// The outcome of a guest's run.
///
/// ```
/// use wasmtime_compat::Outcome;
///
/// /// The exit code of a launcher, as shells have it.
/// fn exit_code(outcome: &Outcome) -> i32 {
///     match outcome {
///         Outcome::Exited(code) => *code,
///         Outcome::Trapped { .. } => 134,
///         Outcome::TimedOut => 124,
///         _ => 1,
///     }
/// }
///
/// assert_eq!(exit_code(&Outcome::Exited(3)), 3);
/// assert_eq!(exit_code(&Outcome::TimedOut), 124);
/// ```
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
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::wasi::Stdout;
/// use wasmtime_compat::{Command, Engine, Newest, Outcome, RunConfig};
///
/// let mut run = RunConfig { fuel: Some(1_000), ..RunConfig::new() };
/// run.wasi.stdout(Stdout::capture(1 << 10));
/// let engine = Engine::<Newest>::new(&run.engine_config())?;
/// # // (module
/// # //     (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
/// # //     (memory (export "memory") 1)
/// # //     (data (i32.const 0) "\08\00\00\00\03\00\00\00hi\n")
/// # //     (func (export "_start")
/// # //         (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))
/// # let wasm = b"\0asm\x01\0\0\0\x01\x0c\x02\x60\x04\x7f\x7f\x7f\x7f\x01\x7f\x60\0\0\
/// #     \x02\x23\x01\x16wasi_snapshot_preview1\x08fd_write\0\0\x03\x02\x01\x01\x05\x03\x01\0\x01\
/// #     \x07\x13\x02\x06memory\x02\0\x06_start\0\x01\
/// #     \x0a\x0f\x01\x0d\0\x41\x01\x41\0\x41\x01\x41\x10\x10\0\x1a\x0b\
/// #     \x0b\x11\x01\0\x41\0\x0b\x0b\x08\0\0\0\x03\0\0\0hi\n";
/// // `wasm` is a module of preview1 that prints `hi`.
/// let done = Command::new(&engine, wasm)?.run(&run)?;
/// assert!(matches!(done.outcome, Outcome::Exited(0)));
/// assert_eq!(done.stdout.text(), "hi\n");
/// assert!(done.fuel_consumed.is_some_and(|fuel| fuel < 1_000));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
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
