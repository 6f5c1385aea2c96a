//! Owns what is worth showing of a report: the rows that differ, the reasons, the failures.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Report, Verdict};

/// The cases by column, folded to the rows where something is not a pass.
#[derive(Debug)]
pub(crate) struct Grid<'a> {
    /// The interesting rows.
    pub(crate) rows: Vec<Row<'a>>,
    /// How many rows pass in every column.
    pub(crate) passing: usize,
}

/// A case in every column.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// The case.
    pub(crate) case: &'a str,
    /// Its verdict in each column; none where the column has no such case.
    pub(crate) cells: Vec<Option<&'a Verdict>>,
    /// Whether something is not a pass.
    pub(crate) interesting: bool,
}

/// A reason, and where it applies.
#[derive(Debug)]
pub(crate) struct Reason<'a> {
    /// A verdict with this reason.
    pub(crate) verdict: &'a Verdict,
    /// The cases.
    pub(crate) cases: Vec<&'a str>,
    /// The majors, as ranges.
    pub(crate) majors: String,
}

/// A failure that a person must look at.
#[derive(Debug)]
pub(crate) struct FailedCell<'a> {
    /// The column.
    pub(crate) major: u64,
    /// The case; none is the column as a whole.
    pub(crate) case: Option<&'a str>,
    /// The verdict.
    pub(crate) verdict: &'a Verdict,
    /// The output.
    pub(crate) output: Option<&'a str>,
    /// The command that reproduces the failure.
    pub(crate) reproduce: &'a str,
}

/// All rows.
pub(crate) fn rows(report: &Report) -> Vec<Row<'_>> {
    let names: BTreeSet<&str> =
        report.columns.iter().flat_map(|column| column.cases.iter().map(|case| case.case.as_str())).collect();
    let row = |case| {
        let cells: Vec<_> = report.columns.iter().map(|column| column.verdict_of(case)).collect();
        // A column that did not get to its cases says so in its own row.
        let interesting = report.columns.iter().any(|column| match column.case(case) {
            Some(case) => case.verdict != Verdict::Pass,
            None => column.end.verdict == Verdict::Pass,
        });
        Row { case, cells, interesting }
    };
    names.into_iter().map(row).collect()
}

impl<'a> Grid<'a> {
    /// The grid of a report.
    pub(crate) fn new(report: &'a Report) -> Self {
        let all = rows(report);
        let passing = all.iter().filter(|row| !row.interesting).count();
        Self { rows: all.into_iter().filter(|row| row.interesting).collect(), passing }
    }
}

/// Every reason of a case that is not a failure, and every reason of a column that was not run.
pub(crate) fn reasons(report: &Report) -> Vec<Reason<'_>> {
    type Where<'a> = (&'a Verdict, BTreeSet<&'a str>, BTreeSet<u64>);
    let mut found: BTreeMap<(&str, &str), Where<'_>> = BTreeMap::new();
    for column in &report.columns {
        let whole = matches!(column.end.verdict, Verdict::NotRun { .. } | Verdict::Skip { .. });
        let whole = whole.then_some((None, &column.end.verdict));
        let cases = column.cases.iter().map(|case| (Some(case.case.as_str()), &case.verdict));
        for (case, verdict) in cases.filter(|(_, verdict)| !verdict.is_failure()).chain(whole) {
            let Some(reason) = verdict.reason() else { continue };
            let place = found.entry((verdict.name(), reason)).or_insert((verdict, BTreeSet::new(), BTreeSet::new()));
            place.1.extend(case);
            place.2.insert(column.column.major);
        }
    }
    let all: Vec<u64> = report.columns.iter().map(|column| column.column.major).collect();
    found
        .into_values()
        .map(|(verdict, cases, majors)| Reason {
            verdict,
            cases: cases.into_iter().collect(),
            majors: ranges(&majors, &all),
        })
        .collect()
}

/// Every failure, column by column.
pub(crate) fn failures(report: &Report) -> Vec<FailedCell<'_>> {
    let mut failures = Vec::new();
    for column in &report.columns {
        let major = column.column.major;
        let end = &column.end;
        // A column that fails because its cases do is not listed beside them.
        if end.verdict.is_failure() && end.verdict != (Verdict::Fail { reason: None }) {
            let (output, reproduce) = (end.output.as_deref(), column.column.command.as_str());
            failures.push(FailedCell { major, case: None, verdict: &end.verdict, output, reproduce });
        }
        for case in column.cases.iter().filter(|case| case.verdict.is_failure()) {
            failures.push(FailedCell {
                major,
                case: Some(&case.case),
                verdict: &case.verdict,
                output: case.output.as_deref(),
                reproduce: case.reproduce.as_deref().unwrap_or(&column.column.command),
            });
        }
    }
    failures
}

/// `majors` as ranges in the list of `all`: `18..=22, 24`.
pub(crate) fn ranges(majors: &BTreeSet<u64>, all: &[u64]) -> String {
    let mut parts: Vec<(u64, u64)> = Vec::new();
    let mut open = false;
    for &major in all {
        if !majors.contains(&major) {
            open = false;
        } else if let Some(last) = parts.last_mut().filter(|_| open) {
            last.1 = major;
        } else {
            parts.push((major, major));
            open = true;
        }
    }
    let show = |(first, last): (u64, u64)| if first == last { first.to_string() } else { format!("{first}..={last}") };
    parts.into_iter().map(show).collect::<Vec<_>>().join(", ")
}

/// What the letters of a grid mean.
pub(crate) fn legend() -> String {
    let pairs = [
        (".", "pass"),
        ("F", "fail"),
        ("x", "expected difference"),
        ("X", "unexpected pass"),
        ("s", "skipped"),
        ("-", "not applicable"),
        ("B", "build error"),
        ("I", "infrastructure"),
        ("T", "timeout"),
        ("?", "not run"),
    ];
    pairs.iter().map(|(letter, text)| format!("{letter} {text}")).collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    //! Ranges run over the columns there are.

    use super::*;

    #[test]
    fn ranges_run_over_the_columns_there_are() {
        let all = [18, 19, 20, 24, 36, 48];
        for (majors, text) in [
            (vec![18], "18"),
            (vec![18, 19, 20], "18..=20"),
            (vec![20, 24, 48], "20..=24, 48"),
            (all.to_vec(), "18..=48"),
            (vec![], ""),
        ] {
            assert_eq!(ranges(&majors.into_iter().collect(), &all), text);
        }
    }
}
