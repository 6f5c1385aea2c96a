//! Owns what is made of finished reports: several as one, two majors side by side, and where a case changed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use crate::exit::Stop;
use crate::model::{ColumnReport, Report, Verdict};

/// Several reports as one. Of a major in more than one the last counts, but one that was not run never does.
pub(crate) fn merge(reports: Vec<Report>) -> Report {
    let mut merged = Report::new();
    for column in reports.into_iter().flat_map(|report| report.columns) {
        match merged.columns.iter_mut().find(|known| known.column.major == column.column.major) {
            Some(_) if matches!(column.end.verdict, Verdict::NotRun { .. }) => {}
            Some(known) => *known = column,
            None => merged.columns.push(column),
        }
    }
    merged.columns.sort_by_key(|column| column.column.major);
    merged
}

/// What changes between two majors.
#[derive(Debug, PartialEq, Serialize)]
pub struct Diff {
    /// From this major.
    pub from: u64,
    /// To this one.
    pub to: u64,
    /// Cases with another verdict, or with the same for another reason.
    pub changed: Vec<Changed>,
    /// How many cases have the same verdict.
    pub same: usize,
}

/// A case that changes.
#[derive(Debug, PartialEq, Serialize)]
pub struct Changed {
    /// The case.
    pub case: String,
    /// Its verdict before; none if there was no such case.
    pub before: Option<Verdict>,
    /// Its verdict after.
    pub after: Option<Verdict>,
}

/// Compares two columns.
///
/// # Errors
/// If one is not in the report, or did not run.
pub fn diff(report: &Report, from: u64, to: u64) -> Result<Diff> {
    let (a, b) = (ran(report, from)?, ran(report, to)?);
    let names: BTreeSet<&str> = [a, b].iter().flat_map(|c| c.cases.iter().map(|case| case.case.as_str())).collect();
    let mut diff = Diff { from, to, changed: Vec::new(), same: 0 };
    for name in names {
        let verdict = |column: &ColumnReport| column.case(name).map(|case| case.verdict.clone());
        let (before, after) = (verdict(a), verdict(b));
        if before == after {
            diff.same += 1;
        } else {
            diff.changed.push(Changed { case: name.to_owned(), before, after });
        }
    }
    Ok(diff)
}

fn ran(report: &Report, major: u64) -> Result<&ColumnReport> {
    let Some(column) = report.column(major) else {
        return Err(Stop::usage(format!("there is no column {major} in the report")));
    };
    if column.cases.is_empty() {
        return Err(Stop::nothing(format!("Wasmtime {major} has no case: {}", column.end.verdict.describe())));
    }
    Ok(column)
}

impl Diff {
    /// The difference as text.
    pub fn show(&self) -> String {
        let Self { from, to, .. } = self;
        let mut out =
            format!("From Wasmtime {from} to {to}: {} cases change, {} do not\n", self.changed.len(), self.same);
        type Belongs = fn(&Changed) -> bool;
        let groups: [(&str, Belongs); 4] = [
            ("Broken", |c| is_failure(&c.after) && !is_failure(&c.before)),
            ("Known differences that begin", |c| known(&c.after) && !is_failure(&c.before)),
            ("Differences that end", |c| {
                !is_failure(&c.after) && !known(&c.after) && (is_failure(&c.before) || known(&c.before))
            }),
            ("Other", |_| true),
        ];
        let mut left: Vec<&Changed> = self.changed.iter().collect();
        for (title, belongs) in groups {
            let (group, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|changed| belongs(changed));
            left = rest;
            if group.is_empty() {
                continue;
            }
            let _ = writeln!(out, "\n{title}");
            for changed in group {
                let describe =
                    |verdict: &Option<Verdict>| verdict.as_ref().map_or("no such case".to_owned(), Verdict::describe);
                let _ = writeln!(out, "  {}", changed.case);
                let _ = writeln!(out, "    {from:>3}  {}", describe(&changed.before));
                let _ = writeln!(out, "    {to:>3}  {}", describe(&changed.after));
                let links: BTreeSet<&str> =
                    [&changed.before, &changed.after].into_iter().flatten().filter_map(Verdict::link).collect();
                for link in links {
                    let _ = writeln!(out, "         {link}");
                }
            }
        }
        out
    }
}

fn is_failure(verdict: &Option<Verdict>) -> bool {
    verdict.as_ref().is_some_and(Verdict::is_failure)
}

fn known(verdict: &Option<Verdict>) -> bool {
    matches!(verdict, Some(Verdict::Xfail { .. } | Verdict::NotApplicable { .. }))
}

/// Where the verdict of a case changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The last major before.
    pub last: u64,
    /// Its verdict.
    pub before: Verdict,
    /// The first major after.
    pub first: u64,
    /// Its verdict.
    pub after: Verdict,
}

/// The full name of the case that `name` means: itself, or the only one that ends with it.
///
/// # Errors
/// If none or several do.
pub(crate) fn case_named(report: &Report, name: &str) -> Result<String> {
    let names: BTreeSet<&str> =
        report.columns.iter().flat_map(|column| column.cases.iter().map(|case| case.case.as_str())).collect();
    if names.contains(name) {
        return Ok(name.to_owned());
    }
    let suffix = format!("::{name}");
    let ends: Vec<&str> = names.iter().copied().filter(|known| known.ends_with(&suffix)).collect();
    match ends[..] {
        [only] => Ok(only.to_owned()),
        [] => Err(Stop::nothing(format!("no case {name:?} has run"))),
        _ => Err(Stop::usage(format!("{name:?} may be {}", ends.join(", ")))),
    }
}

/// Every place in a report where the verdict of `case` changes, oldest first.
pub fn changes(report: &Report, case: &str) -> Vec<Change> {
    let known: Vec<(u64, &Verdict)> =
        report.columns.iter().filter_map(|column| Some((column.column.major, &column.case(case)?.verdict))).collect();
    let pairs = known.windows(2).filter(|pair| pair[0].1 != pair[1].1);
    pairs
        .map(|pair| Change { last: pair[0].0, before: pair[0].1.clone(), first: pair[1].0, after: pair[1].1.clone() })
        .collect()
}

/// Finds where the verdict of a case changes between the first and the last of `majors`, by asking `verdict` for as few
/// of them as can be. None if both ends are alike.
///
/// # Errors
/// Those of `verdict`.
pub(crate) fn bisect(majors: &[u64], mut verdict: impl FnMut(u64) -> Result<Verdict>) -> Result<Option<Change>> {
    let [first, .., last] = *majors else {
        return Err(Stop::usage("two majors at least are needed to find a change between them"));
    };
    let (mut before, mut after) = (verdict(first)?, verdict(last)?);
    if before == after {
        return Ok(None);
    }
    let (mut low, mut high) = (0, majors.len() - 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let found = verdict(majors[middle])?;
        if found == before {
            (low, before) = (middle, found);
        } else {
            (high, after) = (middle, found);
        }
    }
    Ok(Some(Change { last: majors[low], before, first: majors[high], after }))
}

impl Change {
    /// The change as text.
    pub fn show(&self, case: &str) -> String {
        let mut out = format!("{case} changes with Wasmtime {}\n", self.first);
        let _ = writeln!(out, "  up to {:>3}  {}", self.last, self.before.describe());
        let _ = writeln!(out, "  from  {:>3}  {}", self.first, self.after.describe());
        for link in [self.before.link(), self.after.link()].into_iter().flatten() {
            let _ = writeln!(out, "             {link}");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    //! A bisection asks few majors and finds the first that differs.

    use super::*;

    #[test]
    fn bisection_finds_every_place_in_few_steps() {
        let majors: Vec<u64> = (18..=50).collect();
        for place in 19..=50 {
            let mut asked = 0;
            let change = bisect(&majors, |major| {
                asked += 1;
                Ok(if major < place { Verdict::Pass } else { Verdict::Fail { reason: None } })
            });
            let change = change.unwrap().unwrap();
            assert_eq!((change.last, change.first), (place - 1, place));
            assert!(asked <= 8, "{asked} for {place}");
        }
        assert_eq!(bisect(&majors, |_| Ok(Verdict::Pass)).unwrap(), None);
        assert!(bisect(&[18], |_| Ok(Verdict::Pass)).is_err());
    }
}
