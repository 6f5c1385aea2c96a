//! Owns the report on preopened directories: their status, and what is wrong with each.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{Access, Policy, PreopenErrors, Reason, Requirements, Verdict};

/// The status of each preopen, in the order given.
///
/// ```
/// use wasmtime_compat::wasi::{Preopen, WasiConfig};
///
/// let mut wasi = WasiConfig::new();
/// wasi.preopen(Preopen::new(".", "/work")).preopen(Preopen::new("not/here", "/cache").optional());
/// let report = wasi.check()?;
/// for preopen in report.dropped() {
///     println!("{} is left out: {}", preopen.guest, preopen.problems[0].hint);
/// }
/// let usable: Vec<&str> = report.usable().map(|preopen| &*preopen.guest).collect();
/// assert_eq!(usable, ["/work"]);
/// # Ok::<(), wasmtime_compat::wasi::PreopenErrors>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PreopenReport {
    // Shared: in the usual case every run of a guest returns the same one.
    pub(super) entries: Arc<[PreopenStatus]>,
}

/// The status of one preopen.
///
/// ```
/// use wasmtime_compat::wasi::{Preopen, Reason, WasiConfig};
///
/// let mut wasi = WasiConfig::new();
/// let report = wasi.preopen(Preopen::new("not/here", "/cache").optional()).check()?;
/// let status = &report.entries()[0];
/// assert!(!status.is_usable());
/// assert_eq!((&*status.guest, status.reason()), ("/cache", Some(Reason::Missing)));
/// assert!(status.absolute.is_absolute() && status.absolute.ends_with("not/here"));
/// # Ok::<(), wasmtime_compat::wasi::PreopenErrors>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PreopenStatus {
    /// The guest path as given; what is not UTF-8 is replaced.
    pub guest: Arc<str>,
    /// The host path as given.
    pub host: Arc<Path>,
    /// The host path made absolute with the working directory of the check; this is what is opened. Symbolic links
    /// are not resolved.
    pub absolute: Arc<Path>,
    /// The guest's access to the directory.
    pub access: Access,
    /// The policy for the case that the directory cannot be used.
    pub policy: Policy,
    /// The result of the check.
    pub verdict: Verdict,
    /// Everything that is wrong with it; empty if nothing is.
    pub problems: Vec<Problem>,
    /// What the guest cannot do in it although the preopen allows it: [`Reason::NotWritable`], and
    /// [`Reason::NotReadable`] of a directory that may be [unlisted](super::Preopen::allow_unlisted). A warning does not keep
    /// the guest from starting.
    pub warnings: Vec<Problem>,
    pub(super) requirements: Requirements,
}

/// One thing that is wrong with a preopen, or that a warning is about.
///
/// ```
/// use wasmtime_compat::wasi::{Preopen, Reason, WasiConfig};
///
/// let mut wasi = WasiConfig::new();
/// wasi.preopen(Preopen::new("Cargo.toml", "/config"));
/// let errors = wasi.check().unwrap_err();
/// let problem = &errors.report().entries()[0].problems[0];
/// assert_eq!(problem.reason, Reason::NotADirectory);
/// assert_eq!(problem.hint, "preopen the directory that holds the file");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// The kind of problem.
    pub reason: Reason,
    /// Advice on how to solve the problem.
    pub hint: String,
}

impl PreopenStatus {
    /// The first problem's reason, if there is a problem.
    pub fn reason(&self) -> Option<Reason> {
        self.problems.first().map(|problem| problem.reason)
    }

    /// Whether the guest gets it.
    pub fn is_usable(&self) -> bool {
        matches!(self.verdict, Verdict::Ok | Verdict::Created)
    }
}

impl PreopenReport {
    /// The status of each preopen, in the order given.
    pub fn entries(&self) -> &[PreopenStatus] {
        &self.entries
    }

    /// The preopens that are left out, with the reasons.
    pub fn dropped(&self) -> impl Iterator<Item = &PreopenStatus> {
        self.entries.iter().filter(|status| status.verdict == Verdict::Dropped)
    }

    /// The preopens that the guest gets.
    pub fn usable(&self) -> impl Iterator<Item = &PreopenStatus> {
        self.entries.iter().filter(|status| status.is_usable())
    }

    /// The preopens with warnings.
    pub fn with_warnings(&self) -> impl Iterator<Item = &PreopenStatus> {
        self.entries.iter().filter(|status| !status.warnings.is_empty())
    }

    pub(super) fn has_errors(&self) -> bool {
        self.entries.iter().any(|status| status.verdict == Verdict::Error)
    }

    /// The report for the case that a directory checked before cannot be opened now.
    pub(crate) fn failed_to_open(&self, absolute: &Path, error: &io::Error) -> PreopenErrors {
        let mut report = self.clone();
        let entries = Arc::make_mut(&mut report.entries).iter_mut();
        entries.filter(|status| status.is_usable() && *status.absolute == *absolute).for_each(|status| {
            status.record_error(error, false);
        });
        PreopenErrors::new(report)
    }
}
