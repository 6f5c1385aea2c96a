//! Owns the JSON shapes. Within one schema number keys may be added, but none is renamed or removed.

mod convert;

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};
use wasmtime_compat::ErrorKind;

pub(crate) use self::convert::preopens;
use crate::failure::Failure;
use crate::style;

/// The version of the shapes.
pub(crate) const SCHEMA: u32 = 1;

/// A word of a fixed set. In the process that ran the guest it is a constant; from another one it comes as text.
pub(crate) type Word = Cow<'static, str>;

/// How a run ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// The guest returned or exited with a code.
    Exited,
    /// The exported function that was called returned.
    Returned,
    /// The WebAssembly machine stopped the guest.
    Trapped,
    /// The guest's wall-clock time was up.
    TimedOut,
    /// The host reported a failure while the guest ran.
    Failed,
    /// The guest was not started.
    Refused,
    /// The process that ran the guest ended without a report.
    Crashed,
}

/// The kind of a run's error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// One of the library's.
    Library(ErrorKind),
    /// Compiling took too long.
    CompileTimeout,
    /// The process that ran the guest ended without a report.
    Crashed,
}

/// What the guest may do in a preopened directory.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Access {
    #[serde(rename = "ro")]
    ReadOnly,
    #[serde(rename = "rw")]
    ReadWrite,
}

/// What was asked for when a directory cannot be preopened.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Policy {
    Required,
    Optional,
    Create,
}

/// The result of the check of a preopen.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    Ok,
    Created,
    Creatable,
    Dropped,
    Error,
}

/// Something two runs can differ in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Aspect {
    Outcome,
    Code,
    Results,
    Trap,
    Signal,
    Error,
    Stdout,
    Stderr,
    Preopens,
}

/// The signal that ended a process.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Signal {
    /// `SIGABRT` and the like, where the name is known.
    pub(crate) name: Option<Word>,
    pub(crate) number: i32,
}

/// One run of one guest on one major. Between majors it differs in `major`, `wasmtime` and `seconds` only, unless
/// the majors really differ.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Run {
    pub(crate) schema: u32,
    pub(crate) major: u64,
    pub(crate) wasmtime: String,
    pub(crate) outcome: Outcome,
    pub(crate) code: Option<i32>,
    /// The results of the exported function that was called, in WAVE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) results: Option<Vec<String>>,
    pub(crate) trap: Option<Word>,
    /// The trap in words: the host's own for a fault that the host found, or for a trap without a name.
    #[serde(default)]
    pub(crate) trap_text: Option<String>,
    /// The guest's frames when it was stopped, the innermost first.
    #[serde(default)]
    pub(crate) backtrace: Vec<Frame>,
    /// Whether there were more frames than are kept.
    #[serde(default)]
    pub(crate) backtrace_cut: bool,
    /// What ended the process that ran the guest, if that crashed by a signal.
    #[serde(default)]
    pub(crate) signal: Option<Signal>,
    /// The error in one line.
    pub(crate) error: Option<String>,
    /// The error for people, where it has several lines: one for each preopen, argument or variable that is refused.
    #[serde(default)]
    pub(crate) error_text: Option<String>,
    pub(crate) error_kind: Option<Kind>,
    pub(crate) error_hint: Option<String>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) stdout_sha256: String,
    pub(crate) stderr_sha256: String,
    pub(crate) stdout_dropped: u64,
    pub(crate) stderr_dropped: u64,
    /// The guest may have written more than is here: what was captured was lost with the process.
    #[serde(default)]
    pub(crate) output_lost: bool,
    /// How many bytes of standard output were kept: those that the digest is of.
    #[serde(skip)]
    pub(crate) stdout_kept: usize,
    /// As `stdout_kept`, of standard error.
    #[serde(skip)]
    pub(crate) stderr_kept: usize,
    /// How long it took once it was compiled; 0 if it was not started.
    pub(crate) seconds: f64,
    /// Units of fuel that the guest burnt, if fuel was counted.
    #[serde(default)]
    pub(crate) fuel_consumed: Option<u64>,
    pub(crate) preopens: Vec<Preopen>,
    /// Flaws of the guest's adapters that it can reach and that did not keep it from running.
    pub(crate) warnings: Vec<Warning>,
    /// The adapter that kept it from running, and the names the guest would have got.
    pub(crate) broken_adapter: Option<BrokenAdapter>,
    pub(crate) guest: Guest,
}

/// A frame of the guest's.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Frame {
    pub(crate) module: Option<String>,
    pub(crate) function: Option<String>,
    pub(crate) function_index: u32,
    pub(crate) module_offset: Option<usize>,
    pub(crate) function_offset: Option<usize>,
    pub(crate) symbols: Vec<Symbol>,
    /// The frame in one line, for people.
    #[serde(rename = "text")]
    pub(crate) line: String,
}

/// A place in the guest's source.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Symbol {
    pub(crate) name: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
    pub(crate) column: Option<u32>,
}

/// A flaw of an adapter.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Warning {
    pub(crate) path: String,
    pub(crate) adapter: String,
    pub(crate) id: Word,
    pub(crate) what: Word,
    pub(crate) fixed: Option<Word>,
    pub(crate) url: Word,
    /// What of the run's strings is too long for the adapter.
    pub(crate) overflow: Option<Overflow>,
    /// The warning in one sentence.
    pub(crate) text: String,
}

/// A part of a run's strings that is too long for an adapter.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Overflow {
    pub(crate) kind: Word,
    pub(crate) index: Option<usize>,
    pub(crate) variable: Option<String>,
    pub(crate) bytes: usize,
    pub(crate) most: usize,
}

/// An adapter that misnames preopened directories.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct BrokenAdapter {
    pub(crate) path: String,
    pub(crate) adapter: String,
    pub(crate) id: Word,
    pub(crate) url: Word,
    pub(crate) names: Vec<Name>,
}

/// A preopened directory, and what the guest would have taken it for.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Name {
    pub(crate) guest: String,
    pub(crate) seen: String,
}

/// What was run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Guest {
    pub(crate) path: String,
    pub(crate) kind: Option<Word>,
    /// The WASI interfaces it imports; for a module, the import modules.
    pub(crate) imports_wasi: Vec<String>,
}

/// The status of one preopen. `reason` and `hint` are those of the first problem.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Preopen {
    pub(crate) guest: String,
    pub(crate) host: String,
    pub(crate) absolute: String,
    pub(crate) access: Access,
    pub(crate) policy: Policy,
    pub(crate) verdict: Verdict,
    pub(crate) reason: Option<Word>,
    pub(crate) hint: Option<String>,
    pub(crate) reasons: Vec<Word>,
    pub(crate) hints: Vec<String>,
    /// What the guest cannot do in it although the preopen allows it.
    #[serde(default)]
    pub(crate) warnings: Vec<PreopenWarning>,
}

/// A warning about a preopen.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct PreopenWarning {
    pub(crate) reason: Word,
    pub(crate) hint: String,
}

/// Something the majors disagree about.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Differing {
    pub(crate) what: Aspect,
    pub(crate) groups: Vec<Group>,
}

/// Majors that agree with one another.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Group {
    pub(crate) majors: Vec<u64>,
    pub(crate) value: String,
}

/// An entry of the table of known differences.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Known {
    pub(crate) id: &'static str,
    pub(crate) versions: &'static [&'static str],
    pub(crate) what: &'static str,
    pub(crate) link: &'static str,
}

impl Outcome {
    /// As in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Exited => "exited",
            Self::Returned => "returned",
            Self::Trapped => "trapped",
            Self::TimedOut => "timed-out",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Crashed => "crashed",
        }
    }
}

impl Signal {
    /// What people call it.
    pub(crate) fn shown(&self) -> String {
        match &self.name {
            Some(name) => name.clone().into_owned(),
            None => format!("signal {}", self.number),
        }
    }
}

impl Run {
    /// The error for people; what is in it from outside is escaped.
    pub(crate) fn shown_error(&self) -> Option<String> {
        match (&self.error_text, &self.error) {
            (Some(text), _) => Some(style::lines(text)),
            (None, Some(error)) => Some(style::visible(error)),
            (None, None) => None,
        }
    }
}

impl Kind {
    /// As in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Library(kind) => kind.name(),
            Self::CompileTimeout => "compile-timeout",
            Self::Crashed => "crashed",
        }
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let own = [Self::CompileTimeout, Self::Crashed].into_iter().find(|kind| kind.name() == name);
        let kind = own.or_else(|| ErrorKind::from_name(&name).map(Self::Library));
        kind.ok_or_else(|| de::Error::custom(format!("unknown kind of error `{name}`")))
    }
}

impl Access {
    /// As in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "ro",
            Self::ReadWrite => "rw",
        }
    }
}

impl Policy {
    /// As in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Create => "create",
        }
    }
}

impl Verdict {
    /// As in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Created => "created",
            Self::Creatable => "creatable",
            Self::Dropped => "dropped",
            Self::Error => "error",
        }
    }
}

impl Aspect {
    /// As in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Code => "code",
            Self::Results => "results",
            Self::Trap => "trap",
            Self::Signal => "signal",
            Self::Error => "error",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Preopens => "preopens",
        }
    }
}

/// Prints a command's one object.
pub(crate) fn print(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::write_failed(&error.into()))?;
    style::print(&format!("{text}\n"))
}

/// Prints an object on one line.
#[cfg(feature = "_runtime")]
pub(crate) fn print_line(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(|error| Failure::write_failed(&error.into()))?;
    style::print(&format!("{text}\n"))
}

/// SHA-256 as hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
