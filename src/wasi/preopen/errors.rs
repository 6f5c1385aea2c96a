//! Owns `PreopenErrors`: preopens that cannot be used, and the error about them.

use std::fmt;

use super::{PreopenReport, PreopenStatus, Problem, Verdict};
use crate::error::{Error, ErrorKind, quoted};

/// Preopens that cannot be used: the whole report, of which at least one entry is an error.
///
/// [`Display`](fmt::Display) writes one line, with the first problem; its alternate form `{:#}` writes a line for each
/// problem beneath it.
///
/// ```
/// use wasmtime_compat::wasi::{Preopen, Preopens, Reason};
///
/// let preopens: Preopens = [Preopen::new(".", "/work"), Preopen::new("not/here", "/data")].into_iter().collect();
/// let errors = preopens.check().unwrap_err();
/// assert!(errors.to_string().starts_with("1 of 2 preopened directories cannot be used"));
/// let data = errors.errors().next().unwrap();
/// assert_eq!((&*data.guest, data.reason()), ("/data", Some(Reason::Missing)));
/// // The report has the directories that can be used, too.
/// assert!(errors.report().entries()[0].is_usable());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PreopenErrors {
    report: PreopenReport,
}

impl PreopenErrors {
    pub(super) fn new(report: PreopenReport) -> Self {
        Self { report }
    }

    /// The whole report, with the preopens that are fine.
    pub fn report(&self) -> &PreopenReport {
        &self.report
    }

    /// The preopens that cannot be used.
    pub fn errors(&self) -> impl Iterator<Item = &PreopenStatus> {
        self.report.entries.iter().filter(|status| status.verdict == Verdict::Error)
    }

    /// Every problem of every preopen that cannot be used.
    fn problems(&self) -> impl Iterator<Item = Line<'_>> {
        self.errors().flat_map(|status| status.problems.iter().map(move |problem| Line { status, problem }))
    }
}

/// One problem, in one line.
struct Line<'a> {
    status: &'a PreopenStatus,
    problem: &'a Problem,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PreopenStatus { host, guest, absolute, .. } = self.status;
        let [host, absolute] = [host, absolute].map(|path| quoted(&**path));
        write!(f, "{host} for {}: {} ({absolute})", quoted(&**guest), self.problem.reason.describe())
    }
}

impl fmt::Display for PreopenErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bad, all) = (self.errors().count(), self.report.entries.len());
        write!(f, "{bad} of {all} preopened directories cannot be used")?;
        crate::error::write_list(f, self.problems())
    }
}

impl std::error::Error for PreopenErrors {}

impl From<PreopenErrors> for Error {
    fn from(errors: PreopenErrors) -> Self {
        Self::new(ErrorKind::Preopens, errors.to_string()).with_part(errors)
    }
}
