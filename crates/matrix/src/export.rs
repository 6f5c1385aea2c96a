//! Owns the files a report is written to: JSON, JUnit, Markdown and, next door, HTML.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::cache;
use crate::grid::{self, Grid};
use crate::html;
use crate::model::{Report, SCHEMA, Verdict};
use crate::show;

/// Where to write reports; any number at once.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Reports")]
pub struct Files {
    /// Write the report to FILE as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the report to FILE as JUnit XML: a suite per major
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write the report to FILE as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write the report to FILE as one page of HTML
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

impl Files {
    /// Fails if a report cannot be written, so that this is known before hours of work.
    ///
    /// # Errors
    /// If a path is a folder.
    pub fn check(&self) -> Result<()> {
        for path in [&self.json, &self.junit, &self.markdown, &self.html].into_iter().flatten() {
            ensure!(!path.is_dir(), "cannot write {}: the path is a directory", path.display());
        }
        Ok(())
    }

    /// Writes every report that is wanted.
    ///
    /// # Errors
    /// If one cannot be written.
    pub fn write(&self, report: &Report) -> Result<()> {
        type Format = fn(&Report) -> Result<String>;
        let formats: [(&Option<PathBuf>, Format); 4] = [
            (&self.json, json),
            (&self.junit, junit),
            (&self.markdown, |report| Ok(markdown(report))),
            (&self.html, |report| Ok(html::page(report))),
        ];
        for (path, format) in formats {
            if let Some(path) = path {
                cache::write(path, format(report)?.as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Reads a report from a JSON file.
///
/// # Errors
/// If it is not one.
pub fn read(path: &Path) -> Result<Report> {
    let context = || format!("read {}", path.display());
    let text = std::fs::read_to_string(path).with_context(context)?;
    let report: Report = serde_json::from_str(&text).with_context(context)?;
    ensure!(report.schema == SCHEMA, "{} has schema {}, not {SCHEMA}", path.display(), report.schema);
    Ok(report)
}

/// The report as JSON.
///
/// # Errors
/// Never, unless memory is short.
pub fn json(report: &Report) -> Result<String> {
    Ok(serde_json::to_string_pretty(report).context("write JSON")? + "\n")
}

/// The report as JUnit XML.
///
/// # Errors
/// If the XML cannot be written.
pub fn junit(report: &Report) -> Result<String> {
    let mut xml = quick_junit::Report::new("matrix");
    for column in &report.columns {
        let mut suite = TestSuite::new(format!("wasmtime-{}", column.column.major));
        let class = suite.name.as_str().to_owned();
        let end = &column.end;
        suite.set_time(seconds(end.build_seconds + end.run_seconds));
        for case in &column.cases {
            let mut entry = TestCase::new(case.case.as_str(), status(&case.verdict));
            entry.set_classname(class.as_str()).set_time(seconds(case.seconds));
            if let Some(output) = &case.output {
                entry.set_system_out(output);
            }
            suite.add_test_case(entry);
        }
        // What no case says: without it a column that was not built would look good.
        if !matches!(end.verdict, Verdict::Pass | Verdict::Fail { reason: None }) {
            let mut entry = TestCase::new("(column)", status(&end.verdict));
            entry.set_classname(class.as_str());
            if let Some(output) = &end.output {
                entry.set_system_out(output);
            }
            suite.add_test_case(entry);
        }
        xml.add_test_suite(suite);
    }
    xml.to_string().context("write JUnit XML")
}

fn status(verdict: &Verdict) -> TestCaseStatus {
    let mut status = match verdict {
        Verdict::Pass => return TestCaseStatus::success(),
        Verdict::Fail { .. } | Verdict::Xpass { .. } | Verdict::Timeout { .. } => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        Verdict::BuildError { .. } | Verdict::InfraError { .. } => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Xfail { .. } | Verdict::Skip { .. } | Verdict::NotApplicable { .. } | Verdict::NotRun { .. } => {
            TestCaseStatus::skipped()
        }
    };
    let link = verdict.link().map(|link| format!(" ({link})")).unwrap_or_default();
    status.set_message(verdict.describe() + &link).set_type(verdict.name());
    status
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// The report as Markdown.
pub fn markdown(report: &Report) -> String {
    let mut out = String::from("# Matrix\n\n");
    let facts: std::collections::BTreeSet<&str> =
        report.columns.iter().flat_map(|column| column.column.facts.keys().map(String::as_str)).collect();
    // Without the times, which belong to one machine: this text is kept and compared.
    let mut header: Vec<String> = show::COLUMNS_HEADER[..show::TIMES].iter().map(|name| (*name).to_owned()).collect();
    header.extend(facts.iter().map(|&fact| fact.to_owned()));
    line(&mut out, &header);
    line(&mut out, &header.iter().map(|_| "---".to_owned()).collect::<Vec<_>>());
    for column in &report.columns {
        let mut row = show::column_row(column)[..show::TIMES].to_vec();
        row.extend(facts.iter().map(|fact| column.column.facts.get(*fact).cloned().unwrap_or_default()));
        line(&mut out, &row);
    }

    let grid = Grid::new(report);
    if !grid.rows.is_empty() {
        out += "\n## Cases that differ\n\n";
        let mut header = vec!["case".to_owned()];
        header.extend(report.columns.iter().map(|column| column.column.major.to_string()));
        line(&mut out, &header);
        line(&mut out, &header.iter().map(|_| "---".to_owned()).collect::<Vec<_>>());
        for row in &grid.rows {
            let mut cells = vec![format!("`{}`", row.case)];
            let symbol = |verdict: &Verdict| format!("`{}`", verdict.symbol());
            cells.extend(row.cells.iter().map(|cell| cell.map(symbol).unwrap_or_default()));
            line(&mut out, &cells);
        }
        let _ = writeln!(out, "\n`{}`", grid::legend());
    }
    let _ = writeln!(out, "\n{} cases pass on every major that ran.", grid.passing);

    let reasons = grid::reasons(report);
    if !reasons.is_empty() {
        out += "\n## Reasons\n\n";
    }
    for reason in reasons {
        let text = escape(reason.verdict.reason().unwrap_or_default());
        let text = match reason.verdict.link() {
            Some(link) => format!("[{text}](<{link}>)"),
            None => text,
        };
        let _ = write!(out, "* **{}** on {}: {text}", reason.verdict.name(), reason.majors);
        if !reason.cases.is_empty() {
            let cases: Vec<_> = reason.cases.iter().map(|case| format!("`{case}`")).collect();
            let _ = write!(out, " ({})", cases.join(", "));
        }
        out.push('\n');
    }
    let failures = grid::failures(report);
    if !failures.is_empty() {
        out += "\n## Failures\n\n";
    }
    for failure in failures {
        let case = failure.case.map(|case| format!(", `{case}`")).unwrap_or_default();
        let verdict = escape(&failure.verdict.describe());
        let _ = writeln!(out, "* Wasmtime {}{case}: {verdict}\n\n      {}\n", failure.major, failure.reproduce);
    }
    out
}

fn line(out: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|cell| escape(cell)).collect();
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

/// `text` without what Markdown or HTML would take for its own.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|");
    text.replace('[', "\\[").replace(']', "\\]").replace(['\r', '\n'], " ")
}
