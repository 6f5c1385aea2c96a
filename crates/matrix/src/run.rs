//! Owns the run: column after column is built and tested, and everything that happens is an [`Event`].

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::cache::{self, Cache, Entry};
use crate::event::Event;
use crate::model::{Case, Column, ColumnEnd, ColumnReport, Verdict};
use crate::parse::{self, Status};
use crate::process::{self, Ended};
use crate::project::{Plan, Project};
use crate::suite::{self, Kind, TestOptions};

/// What nextest exits with when no test ran.
const NEXTEST_NO_TESTS: i32 = 4;

/// What cargo says of a test binary that ended in another way than libtest's.
const CRASHED: &str = "process didn't exit successfully: ";

/// Words that tell a machine that broke from code that does not compile.
const INFRASTRUCTURE: [&str; 10] = [
    "No space left on device",
    "SIGKILL",
    "failed to download",
    "failed to get `",
    "failed to fetch",
    "Could not resolve host",
    "network failure",
    "failed to open:",
    "Permission denied",
    "no such command",
];

/// How to run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// What every command gets.
    pub test_options: TestOptions,
    /// How long a column may take.
    pub timeout: Option<Duration>,
    /// Run also what has passed.
    pub fresh: bool,
    /// Of columns that failed run only the red cases.
    pub rerun_failed: bool,
}

/// The commands that would run, as they can be typed.
///
/// # Errors
/// Never, but for the folder of the state.
pub(crate) fn commands(project: &Project, plans: &[Plan], options: &Options) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for plan in plans {
        if let Some(reason) = &plan.not_run {
            lines.push(format!("# Wasmtime {} is not run: {reason}", plan.column.major));
            continue;
        }
        let files = Files::new(project, plan)?;
        lines.extend(plan.invocation.build(&options.test_options).map(|build| build.show()));
        lines.push(plan.invocation.run(&options.test_options, &files.config).show());
    }
    Ok(lines)
}

/// Runs the columns in their order and tells `emit` what happens.
///
/// # Errors
/// If the state cannot be written; what goes wrong in a column is its verdict.
pub(crate) fn run(project: &Project, plans: &[Plan], options: &Options, mut emit: impl FnMut(&Event)) -> Result<()> {
    emit(&Event::Planned(plans.iter().map(column).collect()));
    let mut stopped = None;
    for plan in plans {
        let major = plan.column.major;
        emit(&Event::ColumnStarted { major });
        let reason = plan.not_run.clone().or_else(|| stopped.clone());
        if let Some(reason) = reason {
            emit(&Event::ColumnFinished { major, end: ColumnEnd::new(Verdict::NotRun { reason }) });
            continue;
        }
        let report = Run { project, plan, options }.column(&mut emit)?;
        for case in &report.cases {
            emit(&Event::CaseFinished { major, case: case.clone() });
        }
        if options.test_options.fail_fast && report.end.verdict.is_failure() {
            stopped = Some(format!("--fail-fast: Wasmtime {major} failed"));
        }
        emit(&Event::ColumnFinished { major, end: report.end });
    }
    emit(&Event::Done);
    Ok(())
}

fn column(plan: &Plan) -> Column {
    Column { command: plan.invocation.show(), ..plan.column.clone() }
}

/// The files through which nextest and the engine talk.
struct Files {
    config: PathBuf,
    junit: PathBuf,
}

impl Files {
    fn new(project: &Project, plan: &Plan) -> Result<Self> {
        let state = std::path::absolute(&project.state).context("find the folder of the state")?;
        let major = plan.column.major;
        Ok(Self {
            config: state.join(format!("nextest-{major}.toml")),
            junit: state.join(format!("junit-{major}.xml")),
        })
    }
}

/// The run of one column.
struct Run<'a> {
    project: &'a Project,
    plan: &'a Plan,
    options: &'a Options,
}

impl Run<'_> {
    fn column(&self, emit: &mut impl FnMut(&Event)) -> Result<ColumnReport> {
        let test_options = &self.options.test_options;
        let column = column(self.plan);
        let cache = Cache::new(self.project.state.join("columns"));
        let fingerprint = self.project.fingerprint.as_deref();
        let key = fingerprint.map(|it| cache::key(it, column.toolchain.as_deref(), &self.plan.invocation));
        let known =
            cache.read(column.major, test_options.cases.as_deref()).filter(|entry| Some(&entry.key) == key.as_ref());
        if let Some(Entry { column: known, .. }) = &known
            && !self.options.fresh
            && known.end.verdict == Verdict::Pass
        {
            let end = ColumnEnd { cached: true, ..known.end.clone() };
            return Ok(ColumnReport { column, end, cases: known.cases.clone() });
        }
        let (again, kept) = match known {
            Some(entry) if self.options.rerun_failed => split(entry.column),
            _ => (Vec::new(), Vec::new()),
        };
        let test_options = TestOptions { exactly: again, ..test_options.clone() };
        let cpu = process::cpu_seconds();
        let mut report = ColumnReport { column, end: ColumnEnd::new(Verdict::Pass), cases: kept };
        self.build_and_run(&test_options, &mut report, emit)?;
        report.end.cpu_seconds = cpu.zip(process::cpu_seconds()).map(|(before, after)| tenths(after - before));
        // A column that stopped at its first failure has not seen all its cases: nothing can be built on it.
        if let Some(key) = key
            && !(test_options.fail_fast && report.end.verdict.is_failure())
        {
            cache.write(&key, self.options.test_options.cases.as_deref(), &report)?;
        }
        Ok(report)
    }

    fn build_and_run(
        &self,
        test_options: &TestOptions,
        report: &mut ColumnReport,
        emit: &mut impl FnMut(&Event),
    ) -> Result<()> {
        let major = self.plan.column.major;
        let deadline = self.options.timeout.map(|timeout| Instant::now() + timeout);
        if let Some(build) = self.plan.invocation.build(test_options) {
            emit(&Event::Building { major, command: build.show() });
            let start = Instant::now();
            let ended = process::run(&build, deadline, |line| step(major, line, emit));
            report.end.build_seconds = tenths(start.elapsed().as_secs_f64());
            if let Some((verdict, output)) = build_verdict(ended) {
                (report.end.verdict, report.end.output) = (verdict, output);
                return Ok(());
            }
        }
        let files = Files::new(self.project, self.plan)?;
        if self.plan.invocation.kind() == Kind::Nextest {
            cache::write(&files.config, suite::nextest_config(&files.junit).as_bytes())?;
            // That of an earlier run must not be taken for this one's.
            if files.junit.exists() {
                fs::remove_file(&files.junit).with_context(|| format!("remove {}", files.junit.display()))?;
            }
        }
        let run = self.plan.invocation.run(test_options, &files.config);
        emit(&Event::Running { major, command: run.show() });
        let start = Instant::now();
        let ended = process::run(&run, deadline, |line| step(major, line, emit));
        report.end.run_seconds = tenths(start.elapsed().as_secs_f64());
        let ended = match ended {
            Ok(ended) => ended,
            Err(error) => {
                report.end.verdict = Verdict::InfraError { reason: format!("{error:#}") };
                return Ok(());
            }
        };
        let junit = fs::read_to_string(&files.junit).ok().filter(|_| run.kind() == Kind::Nextest);
        let mut found = match junit.map(|text| parse::junit(&text)) {
            Some(Ok(found)) => found,
            _ => parse::text(&ended.lines),
        };
        if ended.timed_out {
            // It was this engine that asked them to end.
            for found in found.iter_mut().filter(|found| found.status == Status::Stopped) {
                found.status = Status::TimedOut;
            }
        }
        let mut cases = parse::cases(found, major);
        let ignored_too = !test_options.exactly.is_empty();
        // Of what was run again only what was asked for: nextest lists every ignored test, too.
        cases.retain(|case| !ignored_too || test_options.exactly.contains(&case.test));
        if let Some((verdict, output)) = run_verdict(run.kind(), test_options, &ended, &cases) {
            (report.end.verdict, report.end.output) = (verdict, output);
        }
        for case in &mut cases {
            if case.verdict.is_failure() {
                case.reproduce = Some(self.plan.invocation.reproduce(&case.test).show());
            }
        }
        report.cases.extend(cases);
        report.cases.sort_by(|a, b| a.case.cmp(&b.case));
        Ok(())
    }
}

/// The tests to run again, and the cases to keep.
fn split(known: ColumnReport) -> (Vec<String>, Vec<Case>) {
    let blamed = matches!(known.end.verdict, Verdict::Fail { reason: None });
    // A name in two binaries cannot be run in one of them, and cases would get other names.
    let mut names = BTreeSet::new();
    if !blamed || !known.cases.iter().all(|case| names.insert(&case.test)) {
        return (Vec::new(), Vec::new());
    }
    let (again, kept): (Vec<_>, Vec<_>) = known.cases.into_iter().partition(|case| case.verdict.is_failure());
    (again.into_iter().map(|case| case.test).collect(), kept)
}

fn step(major: u64, line: &str, emit: &mut impl FnMut(&Event)) {
    if let Some(text) = parse::step(line) {
        emit(&Event::Step { major, text });
    }
}

/// The verdict and output of a build, if it failed.
fn build_verdict(ended: Result<Ended>) -> Option<(Verdict, Option<String>)> {
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => return Some((Verdict::InfraError { reason: format!("{error:#}") }, None)),
    };
    if ended.timed_out {
        return Some((Verdict::Timeout { reason: "timed out during the build".into() }, captured_output(&ended)));
    }
    if ended.code == Some(0) {
        return None;
    }
    Some((broken_build(&ended), captured_output(&ended)))
}

fn broken_build(ended: &Ended) -> Verdict {
    let broken = |line: &&String| INFRASTRUCTURE.iter().any(|word| line.contains(word));
    if let Some(line) = ended.lines.iter().find(broken) {
        return Verdict::InfraError { reason: line.trim().to_owned() };
    }
    let Some(code) = ended.code else {
        return Verdict::InfraError { reason: "the build was ended by a signal".into() };
    };
    Verdict::BuildError { reason: first_error(ended).unwrap_or(format!("the build ended with exit code {code}")) }
}

/// The verdict and output of a run, if it did not simply pass.
fn run_verdict(
    kind: Kind,
    test_options: &TestOptions,
    ended: &Ended,
    cases: &[Case],
) -> Option<(Verdict, Option<String>)> {
    if ended.timed_out {
        let reason = format!("timed out after {} cases", cases.len());
        return Some((Verdict::Timeout { reason }, captured_output(ended)));
    }
    if let Some(line) = ended.lines.iter().find(|line| kind != Kind::Nextest && line.contains(CRASHED)) {
        // The other tests of that binary are unknown, regardless of its reported cases and those of other binaries.
        return Some((Verdict::Fail { reason: Some(line.trim().to_owned()) }, captured_output(ended)));
    }
    if cases.iter().any(|case| case.verdict.is_failure()) {
        return Some((Verdict::Fail { reason: None }, None));
    }
    let code = ended.code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
    let ran = cases.iter().filter(|case| !matches!(case.verdict, Verdict::Skip { .. })).count();
    let nothing = ended.code == Some(0) || (kind == Kind::Nextest && ended.code == Some(NEXTEST_NO_TESTS));
    match (kind, ended.code) {
        (Kind::Other, Some(0)) => None,
        _ if ran == 0 && nothing => Some(match &test_options.cases {
            Some(filter) => (Verdict::Skip { reason: format!("no case has {filter:?} in its name") }, None),
            None if cases.is_empty() => (Verdict::Fail { reason: Some("no test ran".into()) }, captured_output(ended)),
            None => (Verdict::Fail { reason: Some("every test is ignored".into()) }, None),
        }),
        (_, Some(0)) => None,
        _ if cases.is_empty() && ended.lines.iter().any(|line| line.starts_with("error: could not compile")) => {
            Some((broken_build(ended), captured_output(ended)))
        }
        _ => {
            let reason = first_error(ended).map_or(format!("ended with {code}"), |error| format!("{error} ({code})"));
            Some((Verdict::Fail { reason: Some(reason) }, captured_output(ended)))
        }
    }
}

fn first_error(ended: &Ended) -> Option<String> {
    ended.lines.iter().find(|line| line.starts_with("error")).cloned()
}

fn captured_output(ended: &Ended) -> Option<String> {
    Some(parse::tail(&ended.lines.join("\n"))).filter(|text| !text.is_empty())
}

fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    //! A failure is never a build error, a broken machine no failure, and nothing no pass.

    use super::*;

    fn ended(code: i32, text: &str) -> Ended {
        Ended { code: Some(code), lines: text.lines().map(str::to_owned).collect(), timed_out: false }
    }

    fn build(code: i32, text: &str) -> Option<&'static str> {
        build_verdict(Ok(ended(code, text))).map(|(verdict, _)| verdict.name())
    }

    fn run(kind: Kind, test_options: &TestOptions, code: i32, text: &str) -> Option<Verdict> {
        let ended = ended(code, text);
        let cases = parse::cases(parse::text(&ended.lines), 18);
        run_verdict(kind, test_options, &ended, &cases).map(|(verdict, _)| verdict)
    }

    #[test]
    fn builds() {
        assert_eq!(build(0, ""), None);
        assert_eq!(build(101, "error[E0425]: cannot find value\nerror: could not compile `a`"), Some("build-error"));
        assert_eq!(build(101, "error: failed to select a version"), Some("build-error"));
        assert_eq!(build(101, "error: failed to download from `x`"), Some("infra-error"));
        assert_eq!(build(101, "error: could not compile `a` (signal: 9, SIGKILL: kill)"), Some("infra-error"));
        assert_eq!(build(101, "error: no such command: `nextest`"), Some("infra-error"));
        assert_eq!(build_verdict(Err(anyhow::anyhow!("x"))).unwrap().0.name(), "infra-error");
    }

    #[test]
    fn runs() {
        let all = TestOptions::default();
        let some = TestOptions { cases: Some("x".into()), ..TestOptions::default() };
        let reason = |text: &str| Some(Verdict::Fail { reason: Some(text.into()) });
        let passed = "        PASS [   0.008s] (1/1) jt a";
        assert_eq!(run(Kind::Nextest, &all, 0, passed), None);
        assert_eq!(
            run(Kind::Nextest, &all, 100, "  FAIL [   0.008s] (1/1) jt a"),
            Some(Verdict::Fail { reason: None })
        );
        assert_eq!(run(Kind::Nextest, &all, 104, passed), reason("ended with exit code 104"));
        assert_eq!(run(Kind::Nextest, &all, 4, "error: no tests to run"), reason("no test ran"));
        assert_eq!(run(Kind::Nextest, &some, 4, "").unwrap().name(), "skip");
        assert_eq!(run(Kind::Libtest, &all, 0, "running 0 tests"), reason("no test ran"));
        assert_eq!(run(Kind::Libtest, &all, 101, "error: boom"), reason("error: boom (exit code 101)"));
        assert_eq!(run(Kind::Other, &all, 0, ""), None);
        let broken = "error[E0425]: cannot find value\nerror: could not compile `a`";
        assert_eq!(run(Kind::Other, &all, 101, broken).unwrap().name(), "build-error");
    }
}
