//! `cargo xtask matrix`: owns the matrix of majors, the suite run once per pin with only that major built in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;
use serde::Serialize;

use crate::process;
use crate::toolchain::{self, Chosen, Runnable};
use crate::versions::{Major, Versions};

/// What nextest exits with when the build failed.
const NEXTEST_BUILD_FAILED: i32 = 101;

/// Flags of `cargo xtask matrix`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Majors to run: numbers, ranges (24..=36), groups (lts), all; separated by commas
    #[arg(long, value_name = "LIST", default_value = "all")]
    majors: String,
    /// Also write the matrix to FILE as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// The whole matrix, as it is written to JSON.
#[derive(Debug, Serialize)]
struct Matrix<'a> {
    schema: u32,
    cells: &'a [Cell],
}

/// One major of the matrix.
#[derive(Debug, Serialize)]
struct Cell {
    major: u64,
    pin: String,
    verdict: Verdict,
    passed: u64,
    failed: u64,
    skipped: u64,
    /// How long it took, building included.
    seconds: f64,
    /// Why it is not a pass.
    reason: Option<String>,
}

/// How a major did.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    /// At least one test ran, and all that ran passed.
    Pass,
    /// The suite was built, and did not pass.
    Fail,
    /// The suite could not be built.
    BuildError,
    /// The suite was not tried.
    NotRun,
}

/// How many tests did what.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Runs the matrix, prints it, and fails if a major fails or cannot be built.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let chosen = Chosen::new(versions, &flags.majors)?;
    let nextest = process::has_nextest(root);
    let mut cells: Vec<Cell> = chosen.left_out.iter().map(|major| not_run(major)).collect();
    for runnable in &chosen.runnable {
        cells.push(cell(root, nextest, runnable)?);
    }
    cells.sort_by_key(|cell| cell.major);
    if let Some(path) = &flags.json {
        let text = serde_json::to_string_pretty(&Matrix { schema: 1, cells: &cells }).context("write JSON")?;
        fs::write(path, text + "\n").with_context(|| format!("write {path:?}"))?;
    }
    println!("{}", table(&cells));
    let bad: Vec<String> = cells
        .iter()
        .filter(|cell| matches!(cell.verdict, Verdict::Fail | Verdict::BuildError))
        .map(|cell| cell.major.to_string())
        .collect();
    if !bad.is_empty() {
        bail!("the suite does not pass on Wasmtime {}", bad.join(", "));
    }
    chosen.announce().map(drop)
}

fn cell(root: &Path, nextest: bool, runnable: &Runnable<'_>) -> Result<Cell> {
    let start = Instant::now();
    let watched = process::watch(&mut suite(root, nextest, runnable))?;
    let (verdict, counts, reason) = judge(nextest, watched.status.code(), &watched.lines);
    Ok(Cell {
        major: runnable.major.major,
        pin: runnable.major.pin.to_string(),
        verdict,
        passed: counts.passed,
        failed: counts.failed,
        skipped: counts.skipped,
        seconds: (start.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        reason,
    })
}

fn not_run(major: &Major) -> Cell {
    let Counts { passed, failed, skipped } = Counts::default();
    Cell {
        major: major.major,
        pin: major.pin.to_string(),
        verdict: Verdict::NotRun,
        passed,
        failed,
        skipped,
        seconds: 0.0,
        reason: Some(toolchain::reason(major)),
    }
}

fn suite(root: &Path, nextest: bool, runnable: &Runnable<'_>) -> Command {
    let mut command = process::cargo_with(root, &runnable.toolchain);
    let major = runnable.major.major;
    command.args(if nextest { &["nextest", "run"][..] } else { &["test"] });
    command.args(["-p", "compat-tests", "--features", &format!("wasmtime-{major}"), "--test", "conformance"]);
    // The summary is read: no colour may be in it, whatever the caller's environment says.
    command.args(["--no-fail-fast", "--color", "never"]);
    if !nextest {
        command.args(["--", "--color", "never"]);
    }
    command
}

/// What the exit code and the lines printed say about a run of the suite.
fn judge(nextest: bool, code: Option<i32>, lines: &[String]) -> (Verdict, Counts, Option<String>) {
    let ended = code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
    let Some(counts) = lines.iter().rev().find_map(|line| summary(line)) else {
        // libtest gives 101 for both, but says "running N tests" once it was built.
        let built = match nextest {
            true => code != Some(NEXTEST_BUILD_FAILED),
            false => lines.iter().any(|line| line.starts_with("running ")),
        };
        let verdict = if built { Verdict::Fail } else { Verdict::BuildError };
        let first_error = lines.iter().find(|line| line.starts_with("error")).cloned();
        return (verdict, Counts::default(), Some(first_error.unwrap_or(format!("no summary, {ended}"))));
    };
    let reason = if counts.failed > 0 {
        None
    } else if counts.passed == 0 {
        Some("no test ran".to_owned())
    } else if code != Some(0) {
        Some(ended)
    } else {
        return (Verdict::Pass, counts, None);
    };
    (Verdict::Fail, counts, reason)
}

/// Reads nextest's `Summary [ 1.2s] 45 tests run: 44 passed (1 slow), 1 failed, 0 skipped` or libtest's
/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.10s`.
fn summary(line: &str) -> Option<Counts> {
    let line = line.trim_start();
    let list = if let Some(rest) = line.strip_prefix("Summary [") {
        rest.split_once(" run: ")?.1
    } else {
        line.strip_prefix("test result: ")?.split_once(". ")?.1
    };
    let mut counts = Counts::default();
    for part in without_parentheses(list).split([',', ';']) {
        let Some((number, what)) = part.trim().split_once(' ') else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match what.trim() {
            "passed" => counts.passed += number,
            "failed" | "exec failed" | "timed out" => counts.failed += number,
            "skipped" | "ignored" | "filtered out" => counts.skipped += number,
            _ => {}
        }
    }
    Some(counts)
}

/// `text` without what stands in parentheses, where nextest breaks a count down.
fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|&c| {
            depth += u32::from(c == '(');
            let keep = depth == 0;
            depth = depth.saturating_sub(u32::from(c == ')'));
            keep
        })
        .collect()
}

fn table(cells: &[Cell]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["major", "pin", "verdict", "passed", "failed", "seconds"]);
    for cell in cells {
        let verdict = match (cell.verdict, &cell.reason) {
            (Verdict::Pass, _) => "pass".to_owned(),
            (Verdict::Fail, None) => "fail".to_owned(),
            (Verdict::Fail, Some(reason)) => format!("fail: {reason}"),
            (Verdict::BuildError, _) => "build error".to_owned(),
            (Verdict::NotRun, reason) => format!("not run: {}", reason.as_deref().unwrap_or_default()),
        };
        table.add_row([
            cell.major.to_string(),
            cell.pin.clone(),
            verdict,
            cell.passed.to_string(),
            cell.failed.to_string(),
            format!("{:.1}", cell.seconds),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    //! What nextest and libtest print is read right: a failure is never a build error, nor nothing a pass.

    use super::*;

    fn verdict(nextest: bool, code: i32, text: &str) -> (Verdict, Counts, Option<String>) {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        judge(nextest, Some(code), &lines)
    }

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn summaries_of_nextest() {
        for (line, expected) in [
            ("     Summary [   1.2s] 45 tests run: 44 passed, 1 failed, 0 skipped", counts(44, 1, 0)),
            ("     Summary [   0.010s] 1 test run: 1 passed, 0 skipped", counts(1, 0, 0)),
            (
                "  Summary [  61.0s] 9/12 tests run: 5 passed (1 slow, 2 flaky), 2 failed, 1 exec failed, 1 timed out, \
                 7 skipped",
                counts(5, 4, 7),
            ),
        ] {
            assert_eq!(summary(line), Some(expected), "{line}");
        }
        assert_eq!(summary("        PASS [   0.010s] compat-tests::conformance v18::exit::zero"), None);
    }

    #[test]
    fn summaries_of_libtest() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.10s";
        assert_eq!(summary(line), Some(counts(12, 2, 4)));
        assert_eq!(summary("test v18::exit::zero ... ok"), None);
    }

    #[test]
    fn verdicts_with_nextest() {
        let failed = "Summary [ 1.2s] 2 tests run: 1 passed, 1 failed, 0 skipped\nerror: test run failed";
        assert_eq!(verdict(true, 100, failed), (Verdict::Fail, counts(1, 1, 0), None));
        let passed = "Summary [ 1.2s] 2 tests run: 2 passed, 0 skipped";
        assert_eq!(verdict(true, 0, passed), (Verdict::Pass, counts(2, 0, 0), None));
        assert_eq!(verdict(true, 104, passed).0, Verdict::Fail);
        let broken = "   Compiling x\nerror[E0425]: cannot find value\nerror: could not compile";
        let (verdict_, _, reason) = verdict(true, 101, broken);
        assert_eq!((verdict_, reason.as_deref()), (Verdict::BuildError, Some("error[E0425]: cannot find value")));
        assert_eq!(verdict(true, 104, "error: creating test list failed").0, Verdict::Fail);
        let none = verdict(true, 4, "Summary [ 0.0s] 0 tests run: 0 passed, 3 skipped");
        assert_eq!(none, (Verdict::Fail, counts(0, 0, 3), Some("no test ran".to_owned())));
        assert_eq!(judge(true, None, &[]).2.as_deref(), Some("no summary, a signal"));
    }

    #[test]
    fn verdicts_with_libtest() {
        let none = "running 0 tests\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(verdict(false, 0, none).0, Verdict::Fail);
        assert_eq!(verdict(false, 101, "error[E0425]: cannot find value").0, Verdict::BuildError);
        assert_eq!(verdict(false, 101, "running 7 tests\nerror: test failed, to rerun pass").0, Verdict::Fail);
        let one = "running 1 test\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(verdict(false, 0, one), (Verdict::Pass, counts(1, 0, 0), None));
    }

    #[test]
    fn the_json_has_its_shape() {
        let versions = Versions::sample();
        let cells = [not_run(&versions.majors[3])];
        let json = serde_json::to_value(Matrix { schema: 1, cells: &cells }).unwrap();
        let cell = serde_json::json!({
            "major": 48, "pin": "48.0.8", "verdict": "not-run", "passed": 0, "failed": 0, "skipped": 0,
            "seconds": 0.0, "reason": "needs rustc 1.95",
        });
        assert_eq!(json, serde_json::json!({ "schema": 1, "cells": [cell] }));
        assert!(table(&cells).to_string().contains("not run: needs rustc 1.95"));
    }
}
