//! Owns the report: columns, cases and verdicts, as they are written to JSON (`schema/report.schema.json`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of the report's shape.
pub(crate) const SCHEMA: u32 = 1;

/// The whole matrix.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Report {
    /// The version of the shape of this report.
    pub schema: u32,
    /// One per major, oldest first.
    pub columns: Vec<ColumnReport>,
}

/// What is known of a column before it runs.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Column {
    /// The Wasmtime major.
    pub major: u64,
    /// The exact version tested, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// The version of `rustc`, and the name of the toolchain if it is not the active one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toolchain: Option<String>,
    /// Whether it needs another toolchain than the project's own.
    #[serde(default)]
    pub experimental: bool,
    /// What else is worth knowing, by name: the WASI version, the end of support.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    /// The command that tests it, as it can be typed.
    pub command: String,
}

/// A column and how it did.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ColumnReport {
    /// What was known before.
    #[serde(flatten)]
    pub column: Column,
    /// How the column as a whole did.
    #[serde(flatten)]
    pub end: ColumnEnd,
    /// Its cases, by name.
    pub cases: Vec<Case>,
}

/// How a column ended.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ColumnEnd {
    /// Pass, fail, skip, build-error, infra-error, timeout or not-run.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Whether this is the result of an earlier run of exactly the same; the times are those of that run.
    #[serde(default)]
    pub cached: bool,
    /// Wall-clock seconds of building.
    #[serde(default)]
    pub build_seconds: f64,
    /// Wall-clock seconds of running the cases.
    #[serde(default)]
    pub run_seconds: f64,
    /// CPU seconds of both, user and system, where the system says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_seconds: Option<f64>,
    /// The end of what the build or the run said, where no case can be blamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

impl ColumnEnd {
    /// An end without times.
    pub fn new(verdict: Verdict) -> Self {
        Self { verdict, cached: false, build_seconds: 0.0, run_seconds: 0.0, cpu_seconds: None, output: None }
    }
}

/// One cell of the grid.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Case {
    /// The name, the same in every column.
    pub case: String,
    /// The name in this column.
    pub test: String,
    /// How it did.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Wall-clock seconds.
    #[serde(default)]
    pub seconds: f64,
    /// The output of the case, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The command that runs the case alone, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reproduce: Option<String>,
}

/// How a case or a column did.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail {
        /// What is wrong, where no case says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Not as on other majors, as known.
    Xfail {
        /// What is known.
        reason: String,
        /// Where it is described.
        link: String,
    },
    /// A known difference is gone: what is known must be corrected, so this is a failure.
    Xpass {
        /// What is known.
        reason: String,
        /// Where it is described.
        link: String,
    },
    /// Not tested.
    Skip {
        /// Why.
        reason: String,
    },
    /// The major lacks what the case is about.
    #[serde(rename = "n/a")]
    NotApplicable {
        /// What it lacks.
        reason: String,
    },
    /// The column could not be built.
    BuildError {
        /// The first error.
        reason: String,
    },
    /// Something else broke: the network, the disk, the machine.
    InfraError {
        /// What.
        reason: String,
    },
    /// The time was up.
    Timeout {
        /// Where.
        reason: String,
    },
    /// The column was not tried.
    NotRun {
        /// Why.
        reason: String,
    },
}

impl Verdict {
    /// Every name, in the order of the legend.
    pub const NAMES: [&str; 10] =
        ["pass", "fail", "xfail", "xpass", "skip", "n/a", "build-error", "infra-error", "timeout", "not-run"];

    /// The name, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail { .. } => "fail",
            Self::Xfail { .. } => "xfail",
            Self::Xpass { .. } => "xpass",
            Self::Skip { .. } => "skip",
            Self::NotApplicable { .. } => "n/a",
            Self::BuildError { .. } => "build-error",
            Self::InfraError { .. } => "infra-error",
            Self::Timeout { .. } => "timeout",
            Self::NotRun { .. } => "not-run",
        }
    }

    /// The one letter that stands for it in a grid.
    pub fn symbol(&self) -> char {
        match self {
            Self::Pass => '.',
            Self::Fail { .. } => 'F',
            Self::Xfail { .. } => 'x',
            Self::Xpass { .. } => 'X',
            Self::Skip { .. } => 's',
            Self::NotApplicable { .. } => '-',
            Self::BuildError { .. } => 'B',
            Self::InfraError { .. } => 'I',
            Self::Timeout { .. } => 'T',
            Self::NotRun { .. } => '?',
        }
    }

    /// Whether the verdict requires action.
    pub fn is_failure(&self) -> bool {
        use Verdict::*;
        matches!(self, Fail { .. } | Xpass { .. } | BuildError { .. } | InfraError { .. } | Timeout { .. })
    }

    /// Why, where there is a why.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Pass => None,
            Self::Fail { reason } => reason.as_deref(),
            Self::Xfail { reason, .. }
            | Self::Xpass { reason, .. }
            | Self::Skip { reason }
            | Self::NotApplicable { reason }
            | Self::BuildError { reason }
            | Self::InfraError { reason }
            | Self::Timeout { reason }
            | Self::NotRun { reason } => Some(reason),
        }
    }

    /// Where the difference is described.
    pub fn link(&self) -> Option<&str> {
        match self {
            Self::Xfail { link, .. } | Self::Xpass { link, .. } => Some(link),
            _ => None,
        }
    }

    /// Name and reason in one line.
    pub fn describe(&self) -> String {
        match self.reason() {
            Some(reason) => format!("{}: {reason}", self.name()),
            None => self.name().to_owned(),
        }
    }
}

impl ColumnReport {
    /// How many cases have the verdict of this name.
    pub fn count(&self, name: &str) -> usize {
        self.cases.iter().filter(|case| case.verdict.name() == name).count()
    }

    /// The case of this name.
    pub fn case(&self, name: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.case == name)
    }

    /// How the case of this name did; a column that ended without it says how the column ended.
    pub fn verdict_of(&self, name: &str) -> Option<&Verdict> {
        match self.case(name) {
            Some(case) => Some(&case.verdict),
            None if matches!(self.end.verdict, Verdict::Pass | Verdict::Fail { .. } | Verdict::Skip { .. }) => None,
            None => Some(&self.end.verdict),
        }
    }
}

impl Report {
    /// A report with nothing in it.
    pub fn new() -> Self {
        Self { schema: SCHEMA, columns: Vec::new() }
    }

    /// The column of this major.
    pub fn column(&self, major: u64) -> Option<&ColumnReport> {
        self.columns.iter().find(|report| report.column.major == major)
    }
}

impl Default for Report {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    //! The names are those in JSON, and no two verdicts share a letter.

    use super::*;

    fn all() -> Vec<Verdict> {
        let text = || "why".to_owned();
        vec![
            Verdict::Pass,
            Verdict::Fail { reason: None },
            Verdict::Xfail { reason: text(), link: text() },
            Verdict::Xpass { reason: text(), link: text() },
            Verdict::Skip { reason: text() },
            Verdict::NotApplicable { reason: text() },
            Verdict::BuildError { reason: text() },
            Verdict::InfraError { reason: text() },
            Verdict::Timeout { reason: text() },
            Verdict::NotRun { reason: text() },
        ]
    }

    #[test]
    fn names_are_those_in_json() {
        for (verdict, name) in all().iter().zip(Verdict::NAMES) {
            assert_eq!(verdict.name(), name);
            let json = serde_json::to_value(verdict).unwrap();
            assert_eq!(json["verdict"], name);
            assert_eq!(serde_json::from_value::<Verdict>(json).unwrap(), *verdict);
        }
    }

    #[test]
    fn every_verdict_has_a_letter_of_its_own() {
        let letters: std::collections::BTreeSet<char> = all().iter().map(Verdict::symbol).collect();
        assert_eq!(letters.len(), Verdict::NAMES.len());
    }

    #[test]
    fn red_is_what_needs_work() {
        let red: Vec<_> = all().iter().filter(|verdict| verdict.is_failure()).map(Verdict::name).collect();
        assert_eq!(red, ["fail", "xpass", "build-error", "infra-error", "timeout"]);
    }
}
