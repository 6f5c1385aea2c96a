//! Owns the JSON shapes. Within one schema number keys may be added, but none is renamed or removed.

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use wasmtime_compat::report::KnownIssue;
use wasmtime_compat::wasi::{Access, Policy, PreopenReport, PreopenStatus, Verdict};
use wasmtime_compat::{AdapterWarning, BrokenAdapter, Difference, ErrorKind, MisnamedPreopen};

use crate::failure::Failure;
use crate::style;

/// The version of the shapes.
pub(crate) const SCHEMA: u32 = 1;

/// One run of one guest on one major. Between majors it differs in `major`, `wasmtime` and `seconds` only, unless
/// the majors really differ.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Run {
    pub(crate) schema: u32,
    pub(crate) major: u64,
    pub(crate) wasmtime: String,
    pub(crate) outcome: &'static str,
    pub(crate) code: Option<i32>,
    pub(crate) trap: Option<&'static str>,
    pub(crate) error: Option<String>,
    pub(crate) error_kind: Option<String>,
    pub(crate) error_hint: Option<String>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) stdout_sha256: String,
    pub(crate) stderr_sha256: String,
    pub(crate) stdout_dropped: u64,
    pub(crate) stderr_dropped: u64,
    /// How many bytes of it were kept: those that the digest is of.
    #[serde(skip)]
    pub(crate) stdout_kept: usize,
    #[serde(skip)]
    pub(crate) stderr_kept: usize,
    /// How long it took once it was compiled; 0 if it was not started.
    pub(crate) seconds: f64,
    pub(crate) preopens: Vec<Preopen>,
    /// Flaws of the guest's adapters that it can reach and that did not keep it from running.
    pub(crate) warnings: Vec<Warning>,
    /// The adapter that kept it from running, and the names the guest would have got.
    pub(crate) broken_adapter: Option<Broken>,
    pub(crate) guest: Guest,
}

/// A flaw of an adapter.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Warning {
    pub(crate) path: String,
    pub(crate) adapter: String,
    pub(crate) id: &'static str,
    pub(crate) what: &'static str,
    pub(crate) fixed: &'static str,
    pub(crate) url: &'static str,
}

/// An adapter that misnames preopened directories.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Broken {
    pub(crate) path: String,
    pub(crate) adapter: String,
    pub(crate) id: &'static str,
    pub(crate) url: &'static str,
    pub(crate) names: Vec<Name>,
}

/// A preopened directory, and what the guest would have taken it for.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Name {
    pub(crate) guest: String,
    pub(crate) seen: String,
}

/// What was run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Guest {
    pub(crate) path: String,
    pub(crate) kind: Option<&'static str>,
    /// The WASI interfaces it imports; for a module, the import modules.
    pub(crate) imports_wasi: Vec<String>,
}

/// What became of one preopen. `reason` and `hint` are those of the first problem.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Preopen {
    pub(crate) guest: String,
    pub(crate) host: String,
    pub(crate) absolute: String,
    pub(crate) access: &'static str,
    pub(crate) policy: &'static str,
    pub(crate) verdict: &'static str,
    pub(crate) reason: Option<&'static str>,
    pub(crate) hint: Option<String>,
    pub(crate) reasons: Vec<&'static str>,
    pub(crate) hints: Vec<String>,
}

/// Something the majors disagree about.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Differing {
    pub(crate) what: &'static str,
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

/// Prints a command's one object.
pub(crate) fn print(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::unwritten(&error.into()))?;
    style::print(&format!("{text}\n"))
}

/// SHA-256 as hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name of an error kind: lower case, words joined by hyphens, like the names of traps and reasons.
pub(crate) fn kind_name(kind: ErrorKind) -> String {
    let mut name = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// Every entry of a report.
pub(crate) fn preopens(report: &PreopenReport) -> Vec<Preopen> {
    report.entries().iter().map(Preopen::from).collect()
}

impl From<&PreopenStatus> for Preopen {
    fn from(status: &PreopenStatus) -> Self {
        let first = status.problems.first();
        Self {
            guest: status.guest.to_string(),
            host: status.host.to_string_lossy().into_owned(),
            absolute: status.absolute.to_string_lossy().into_owned(),
            access: match status.access {
                Access::ReadOnly => "ro",
                Access::ReadWrite => "rw",
            },
            policy: match status.policy {
                Policy::Required => "required",
                Policy::Optional => "optional",
                Policy::Create => "create",
            },
            verdict: match status.verdict {
                Verdict::Ok => "ok",
                Verdict::Created => "created",
                Verdict::Dropped => "dropped",
                Verdict::Error => "error",
            },
            reason: first.map(|problem| problem.reason.name()),
            hint: first.map(|problem| problem.hint.clone()),
            reasons: status.problems.iter().map(|problem| problem.reason.name()).collect(),
            hints: status.problems.iter().map(|problem| problem.hint.clone()).collect(),
        }
    }
}

impl From<&AdapterWarning> for Warning {
    fn from(warning: &AdapterWarning) -> Self {
        let KnownIssue { id, what, fixed, link, .. } = *warning.issue;
        Self { path: warning.path.clone(), adapter: warning.adapter.to_string(), id, what, fixed, url: link }
    }
}

impl From<&BrokenAdapter> for Broken {
    fn from(broken: &BrokenAdapter) -> Self {
        let name = |preopen: &MisnamedPreopen| Name { guest: preopen.guest.clone(), seen: preopen.seen.clone() };
        Self {
            path: broken.path.clone(),
            adapter: broken.adapter.to_string(),
            id: broken.issue.id,
            url: broken.issue.link,
            names: broken.preopens.iter().map(name).collect(),
        }
    }
}

impl From<&Difference> for Known {
    fn from(known: &Difference) -> Self {
        let Difference { id, versions, what, link, .. } = *known;
        Self { id, versions, what, link }
    }
}
