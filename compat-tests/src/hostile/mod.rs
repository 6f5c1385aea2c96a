//! Guests that request too much, and their expected outcomes on every major: one list for the suite and for measurements.

mod descriptors;
mod dwarf;
mod faults;
mod keyvalue;
mod machine;
mod preview1;
mod preview2;
mod streams;
mod structure;
mod waiting;

use std::io;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use wasmtime_compat::wasi::{KeyValue, Preopen, Stdin, Stdout};
use wasmtime_compat::{Outcome, RunConfig, StoreLimits};

pub use self::preview2::preview2_command;
use crate::imports::{Import, wasi_command};
use crate::{Adapter, component, wat};

/// A guest that requests too much.
#[derive(Debug)]
pub struct Hostile {
    /// A short name.
    pub name: &'static str,
    /// Who found it.
    pub origin: Origin,
    /// The difference from the usual configuration.
    pub setting: Setting,
    /// The expected outcome, the same on every major.
    pub ending: Ending,
    source: Source,
}

/// Where a hostile guest is from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// From a report on an earlier version of this crate, which has this name for the input.
    Reported(&'static str),
    /// From this repository: a variation of a reported input.
    Sibling,
}

/// A difference from the configuration that most hostile guests run with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Setting {
    /// None.
    Usual,
    /// This much fuel.
    Fuel(u64),
    /// At most this number of core instances.
    Instances(usize),
    /// The file `f` is its standard input.
    InputOfFile,
    /// The device `/dev/zero` is its standard input.
    InputOfZeroes,
    /// It has the standard input of the process.
    InheritedInput,
    /// It has the standard output of the process.
    InheritedOutput,
    /// This number of bytes of its output is kept.
    Captured(usize),
    /// It has the values of `wasi:keyvalue`, within their default limits.
    Values,
    /// Backtraces name files and lines.
    Details,
}

/// An expected outcome of a hostile guest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// It exits with this code.
    Code(i32),
    /// It exits with this code; on majors that count the call or the instruction against a limit it is stopped.
    CodeOrStopped(i32),
    /// It traps.
    Stopped,
    /// It is not started, or is stopped while it is instantiated.
    Refused,
    /// It runs until its timeout.
    TimedOut,
    /// It runs until its timeout, or is refused by a major that has its proposal off.
    TimedOutOrRefused,
}

/// Timeout of a guest that ends by itself.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Timeout of a guest that does not.
pub const SHORT_TIMEOUT: Duration = Duration::from_millis(500);

/// The limit on the resources of a guest's store: the default is beyond the operating system's limit of open files.
pub const HANDLES: usize = 10_000;

/// Bytes of a guest's output that are kept.
const CAPTURED: usize = 1 << 20;

/// Every hostile guest, by name.
pub fn all() -> Vec<Hostile> {
    [
        machine::all(),
        structure::all(),
        preview1::all(),
        descriptors::all(),
        faults::all(),
        waiting::all(),
        preview2::all(),
        streams::all(),
        keyvalue::all(),
        dwarf::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The directory of these guests: a file `f`, and on Unix a named pipe `pipe` at whose other end there is nothing.
///
/// # Errors
/// If it cannot be made.
pub fn directory() -> io::Result<TempDir> {
    let root = tempfile::tempdir()?;
    std::fs::write(root.path().join("f"), "hello")?;
    #[cfg(unix)]
    if !std::process::Command::new("mkfifo").arg(root.path().join("pipe")).status()?.success() {
        return Err(io::Error::other("mkfifo failed"));
    }
    Ok(root)
}

/// The usual configuration of these guests: one directory, and output that is thrown away.
pub fn config(directory: &Path) -> RunConfig {
    let mut config = RunConfig { limits: StoreLimits::new().handles(HANDLES), ..RunConfig::new() };
    config.wasi.preopens.push(Preopen::new(directory, "/d"));
    config.wasi.stdout(Stdout::capture(CAPTURED));
    config.timeout = Some(TIMEOUT);
    config
}

/// The limits and the timeouts that these guests run with, by name.
pub fn limits() -> Vec<(&'static str, String)> {
    let defaults = "the default of `StoreLimits`".to_owned();
    vec![
        ("timeout of a guest that ends by itself", format!("{} s", TIMEOUT.as_secs_f64())),
        ("timeout of a guest that is expected to time out", format!("{} s", SHORT_TIMEOUT.as_secs_f64())),
        ("fuel", "not counted, except where the name of the guest ends in `-with-fuel`: 1,000".to_owned()),
        ("resources of the store (`StoreLimits::handles`)", HANDLES.to_string()),
        ("memory of the store (`total_memory_bytes`)", format!("8 GiB, {defaults}")),
        ("elements of tables of the store (`total_table_elements`)", format!("16,777,216, {defaults}")),
        ("core instances, memories and tables of the store", format!("10,000 each, {defaults}")),
        ("bytes that one call copies (`hostcall_fuel`)", format!("128 MiB, {defaults}")),
        ("random bytes of one call (`WasiConfig::max_random_size`)", "64 MiB, the default".to_owned()),
        ("captured output", "1 MiB are kept, the rest is counted and dropped".to_owned()),
        ("`wasi:keyvalue`", "the defaults of `KeyValueLimits`".to_owned()),
        ("compiling", "the default check; `allow_complex_guests` is off".to_owned()),
    ]
}

/// Whether the outcome is the expected one. A guest that is refused has none.
pub fn ended(ending: Ending, outcome: Option<&Outcome>) -> bool {
    match outcome {
        Some(Outcome::Exited(exited)) => match ending {
            Ending::Code(code) | Ending::CodeOrStopped(code) => code == *exited,
            _ => false,
        },
        Some(Outcome::Trapped { .. }) => {
            matches!(ending, Ending::Stopped | Ending::CodeOrStopped(_) | Ending::Refused)
        }
        Some(Outcome::TimedOut) => matches!(ending, Ending::TimedOut | Ending::TimedOutOrRefused),
        None => matches!(ending, Ending::Refused | Ending::TimedOutOrRefused),
        _ => false,
    }
}

/// The most memory that this process has had since the last call, in bytes; zero where the system does not report it.
pub fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    // From now on it counts again. Not every system lets a process request that.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    kilobytes.unwrap_or_default() << 10
}

/// How the bytes of a guest are made; that is done when they are needed, as each process runs one guest of the list.
#[derive(Debug)]
enum Source {
    /// A module or a component as text.
    Text(String),
    /// A module or a component.
    Binary(fn() -> Vec<u8>),
    /// A module or a component as text, which the crate under test assembles or refuses.
    Unassembled(fn() -> String),
    /// The text of a preview1 command, which an adapter makes a component.
    Adapted(String),
    /// The body of a [`preview2_command`].
    Preview2(String),
    /// The parts of a [`wasi_command`].
    Wasi(&'static [Import<'static>], &'static str, String),
}

impl Hostile {
    fn new(name: &'static str, ending: Ending, source: Source) -> Self {
        Self { name, origin: Origin::Sibling, setting: Setting::Usual, ending, source }
    }

    fn text(name: &'static str, ending: Ending, text: impl Into<String>) -> Self {
        Self::new(name, ending, Source::Text(text.into()))
    }

    /// Marks the guest as the input of this name in a report.
    fn reported(mut self, input: &'static str) -> Self {
        self.origin = Origin::Reported(input);
        self
    }

    fn with(mut self, setting: Setting) -> Self {
        self.setting = setting;
        self
    }

    /// The guest.
    pub fn wasm(&self) -> Vec<u8> {
        match &self.source {
            Source::Text(text) => wat(text),
            Source::Binary(wasm) => wasm(),
            Source::Unassembled(text) => text().into_bytes(),
            Source::Adapted(text) => component(&wat(text), Adapter::V24),
            Source::Preview2(body) => preview2_command(body),
            Source::Wasi(imports, definitions, body) => wasi_command(imports, definitions, body),
        }
    }

    /// Whether the guest ends at once, so that the suite runs it with every change. The suite includes only three of
    /// the loops; the other loops, and texts of megabytes, run only for the page of all majors.
    pub fn is_quick(&self) -> bool {
        const LOOPS: [&str; 3] = ["memory-fill-loop", "realloc-loop", "block-loop"];
        let is_loop = matches!(self.ending, Ending::TimedOut | Ending::TimedOutOrRefused);
        let is_large = ["text-of-", "blocks-", "recursion-of-vectors"].iter().any(|name| self.name.starts_with(name));
        LOOPS.contains(&self.name) || !is_loop && !is_large
    }

    /// What it runs with; `directory` is made by [`directory`].
    pub fn config(&self, directory: &Path) -> RunConfig {
        let mut config = config(directory);
        if matches!(self.ending, Ending::TimedOut | Ending::TimedOutOrRefused) {
            config.timeout = Some(SHORT_TIMEOUT);
        }
        match self.setting {
            Setting::Usual => {}
            Setting::Fuel(fuel) => config.fuel = Some(fuel),
            Setting::Instances(count) => config.limits = config.limits.instances(count),
            Setting::InputOfFile => {
                config.wasi.stdin(Stdin::File(directory.join("f")));
            }
            Setting::InputOfZeroes => {
                config.wasi.stdin(Stdin::File("/dev/zero".into()));
            }
            Setting::InheritedInput => {
                config.wasi.stdin(Stdin::Inherit);
            }
            Setting::InheritedOutput => {
                config.wasi.stdout(Stdout::Inherit);
            }
            Setting::Captured(bytes) => {
                config.wasi.stdout(Stdout::capture(bytes));
            }
            Setting::Details => config.backtrace_details = true,
            Setting::Values => {
                config.wasi.keyvalue(&KeyValue::new());
            }
        }
        config
    }
}
