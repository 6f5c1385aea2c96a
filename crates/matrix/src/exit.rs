//! Owns the exit codes, and which of them a report deserves.

use std::fmt;
use std::process::ExitCode;

use crate::model::{Report, Verdict};

/// What the exit codes mean, for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0  success: every case passes, or is an expected difference
  1  conformance failure: a case fails, passes unexpectedly or takes too long
  2  usage: the command line is invalid
  3  build failure: a column does not build
  4  infrastructure: the network, the disk, a missing tool or toolchain
  5  nothing selected: no column, or no case in any column
Of 1, 3 and 4 the highest that applies is the exit code.";

/// How the program ends.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Exit {
    /// All good.
    Good = 0,
    /// A case or column fails, passes unexpectedly, or takes too long.
    Conformance = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// A column does not build.
    Build = 3,
    /// Something else broke.
    Infrastructure = 4,
    /// No column or no case was left.
    Nothing = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error that knows its exit code; any other error is [`Exit::Infrastructure`].
#[derive(Debug)]
pub(crate) struct Stop {
    /// The exit code.
    pub exit: Exit,
    /// What is wrong.
    pub message: String,
}

impl Stop {
    /// The command line makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> anyhow::Error {
        Self { exit: Exit::Usage, message: message.into() }.into()
    }

    /// Nothing is left to do.
    pub(crate) fn nothing(message: impl Into<String>) -> anyhow::Error {
        Self { exit: Exit::Nothing, message: message.into() }.into()
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Stop {}

/// The exit code of an error.
pub(crate) fn of_error(error: &anyhow::Error) -> Exit {
    error.downcast_ref::<Stop>().map_or(Exit::Infrastructure, |stop| stop.exit)
}

/// The exit code of a report.
pub(crate) fn of_report(report: &Report) -> Exit {
    let all = |test: fn(&Verdict) -> bool| report.columns.iter().all(|column| test(&column.end.verdict));
    if report.columns.is_empty() {
        return Exit::Nothing;
    }
    if all(|verdict| matches!(verdict, Verdict::NotRun { .. })) {
        // There was something to do, and no toolchain that can.
        return Exit::Infrastructure;
    }
    if all(|verdict| matches!(verdict, Verdict::Skip { .. } | Verdict::NotRun { .. })) {
        return Exit::Nothing;
    }
    let cases = report.columns.iter().flat_map(|column| column.cases.iter().map(|case| &case.verdict));
    let columns = report.columns.iter().map(|column| &column.end.verdict);
    cases.chain(columns).map(of_verdict).max().unwrap_or(Exit::Good)
}

fn of_verdict(verdict: &Verdict) -> Exit {
    match verdict {
        Verdict::Fail { .. } | Verdict::Xpass { .. } | Verdict::Timeout { .. } => Exit::Conformance,
        Verdict::BuildError { .. } => Exit::Build,
        Verdict::InfraError { .. } => Exit::Infrastructure,
        Verdict::Pass
        | Verdict::Xfail { .. }
        | Verdict::Skip { .. }
        | Verdict::NotApplicable { .. }
        | Verdict::NotRun { .. } => Exit::Good,
    }
}

#[cfg(test)]
mod tests {
    //! The worst decides, and a matrix that tested nothing is not good.

    use super::*;
    use crate::model::{Column, ColumnEnd, ColumnReport};

    fn report(verdicts: &[Verdict]) -> Report {
        let column = |(major, verdict): (u64, &Verdict)| ColumnReport {
            column: Column {
                major,
                pin: None,
                toolchain: None,
                experimental: false,
                facts: Default::default(),
                command: String::new(),
            },
            end: ColumnEnd::new(verdict.clone()),
            cases: vec![],
        };
        Report { schema: 1, columns: (18..).zip(verdicts).map(column).collect() }
    }

    #[test]
    fn the_worst_decides() {
        let reason = || "x".to_owned();
        let (pass, fail) = (Verdict::Pass, Verdict::Fail { reason: None });
        let build = Verdict::BuildError { reason: reason() };
        let infra = Verdict::InfraError { reason: reason() };
        let timeout = Verdict::Timeout { reason: reason() };
        let not_run = Verdict::NotRun { reason: reason() };
        let skip = Verdict::Skip { reason: reason() };
        for (verdicts, exit) in [
            (vec![pass.clone(), not_run.clone()], Exit::Good),
            (vec![pass.clone(), fail.clone()], Exit::Conformance),
            (vec![pass.clone(), timeout], Exit::Conformance),
            (vec![build.clone(), fail.clone()], Exit::Build),
            (vec![infra, build, fail], Exit::Infrastructure),
            (vec![not_run.clone()], Exit::Infrastructure),
            (vec![skip.clone(), not_run], Exit::Nothing),
            (vec![skip, pass], Exit::Good),
            (vec![], Exit::Nothing),
        ] {
            assert_eq!(of_report(&report(&verdicts)), exit, "{verdicts:?}");
        }
    }
}
