//! Owns reading what tests did: nextest's JUnit file, and the text of nextest and libtest.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use quick_junit::{Report, TestCaseStatus};

use crate::model::{Case, Verdict};

/// The size of a failed case's output that is kept, in bytes.
const OUTPUT: usize = 64 << 10;

/// A test that ended, before its own words are taken into account.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// The binary it is in.
    pub binary: String,
    /// Its full name.
    pub test: String,
    /// How it ended.
    pub status: Status,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// What it printed.
    pub output: String,
}

/// How a test ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    /// Passed.
    Passed,
    /// Failed.
    Failed,
    /// Was stopped because its time was up.
    TimedOut,
    /// Was asked to end by SIGTERM: by itself that is a failure.
    Stopped,
    /// Was not run, and why.
    Ignored(String),
}

/// Reads nextest's JUnit file.
///
/// # Errors
/// If it is not one.
pub(crate) fn junit(text: &str) -> Result<Vec<Found>> {
    let report = Report::deserialize_from_str(text).context("read the JUnit file")?;
    let mut found = Vec::new();
    for suite in report.test_suites {
        for case in suite.test_cases {
            let captured = [&case.system_out, &case.system_err];
            let mut output = String::new();
            for text in captured.into_iter().flatten().map(|text| text.as_str().trim()).filter(|text| !text.is_empty())
            {
                output += text;
                output.push('\n');
            }
            let status = match case.status {
                TestCaseStatus::Success { .. } => Status::Passed,
                TestCaseStatus::NonSuccess { message, ty, description, .. } => {
                    if output.trim().is_empty() {
                        output = [&message, &description]
                            .into_iter()
                            .flatten()
                            .map(|text| text.as_str().to_owned() + "\n")
                            .collect();
                    }
                    let timeout = ty.is_some_and(|ty| ty.as_str().contains("timeout"));
                    let stopped = message.is_some_and(|text| text.as_str().contains("SIGTERM"));
                    match (timeout, stopped) {
                        (true, _) => Status::TimedOut,
                        (false, true) => Status::Stopped,
                        (false, false) => Status::Failed,
                    }
                }
                TestCaseStatus::Skipped { message, .. } => {
                    Status::Ignored(message.map_or("ignored".to_owned(), |text| text.into_string()))
                }
            };
            let seconds = case.time.map_or(0.0, |time| time.as_secs_f64());
            let (binary, test) = (suite.name.as_str().to_owned(), case.name.into_string());
            found.push(Found { binary, test, status, seconds, output });
        }
    }
    Ok(found)
}

/// Reads what libtest or nextest printed.
pub(crate) fn text(lines: &[String]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut known = BTreeMap::new();
    let mut binary = String::new();
    // Of which test the lines are.
    let mut section: Option<usize> = None;
    for line in lines {
        if let Some(name) = header(line) {
            section = known.get(&(binary.clone(), name.to_owned())).copied();
        } else if let Some(name) = started_binary(line) {
            (binary, section) = (name, None);
        } else if line == "failures:" || line == "successes:" || line.starts_with("test result: ") {
            section = None;
        } else if let Some(index) = section {
            if let Some(test) = found.get_mut(index) {
                test.output += line;
                test.output.push('\n');
            }
        } else if let Some(test) = libtest_line(line, &binary).or_else(|| nextest_line(line)) {
            // Nextest lists what failed once more at the end.
            known.entry((test.binary.clone(), test.test.clone())).or_insert_with(|| {
                found.push(test);
                found.len() - 1
            });
        }
    }
    found
}

/// `---- NAME stdout ----`
fn header(line: &str) -> Option<&str> {
    let name = line.strip_prefix("---- ")?;
    name.strip_suffix(" stdout ----").or_else(|| name.strip_suffix(" stderr ----"))
}

/// `Running unittests src/lib.rs (target/debug/deps/a-0123456789abcdef)` or `Doc-tests a`, indented.
fn started_binary(line: &str) -> Option<String> {
    let line = line.trim_start();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(format!("{name} (doc)"));
    }
    let path = line.strip_prefix("Running ")?.rsplit_once('(')?.1.strip_suffix(')')?;
    let file = path.rsplit(['/', '\\']).next()?;
    Some(file.rsplit_once('-').map_or(file, |(name, _)| name).to_owned())
}

/// `test NAME ... ok`
fn libtest_line(line: &str, binary: &str) -> Option<Found> {
    let (name, end) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let (word, rest) = end.split_at(end.find([',', ' ', '<']).unwrap_or(end.len()));
    let status = match word {
        "ok" => Status::Passed,
        "FAILED" => Status::Failed,
        "ignored" => {
            let reason = rest.trim_start_matches([',', ' ']);
            Status::Ignored(if reason.is_empty() { "ignored".into() } else { reason.into() })
        }
        _ => return None,
    };
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    Some(Found { binary: binary.into(), test: name.into(), status, seconds: 0.0, output: String::new() })
}

/// `        PASS [   0.008s] (1/3) BINARY NAME`
fn nextest_line(line: &str) -> Option<Found> {
    let (word, rest) = line.trim_start().split_once(" [")?;
    let (seconds, rest) = rest.split_once(']')?;
    let status = match word.trim_end() {
        "PASS" | "LEAK" => Status::Passed,
        "FAIL" | "ABORT" | "XFAIL" | "LKFAIL" | "LEAK-FAIL" => Status::Failed,
        "TIMEOUT" | "TMT" => Status::TimedOut,
        "SIGTERM" => Status::Stopped,
        word if word.starts_with("SIG") => Status::Failed,
        word if word.starts_with("FLAKY") => Status::Passed,
        _ => return None,
    };
    let seconds = seconds.trim_start_matches(['>', ' ']).strip_suffix('s')?.parse().ok()?;
    let rest = rest.trim_start();
    // The counter, in parentheses.
    let rest = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest);
    let (binary, test) = rest.trim().split_once(' ')?;
    Some(Found { binary: binary.into(), test: test.trim().into(), status, seconds, output: String::new() })
}

/// The name of the test that `line` says has ended, for showing what happens.
pub(crate) fn step(line: &str) -> Option<String> {
    if let Some(found) = nextest_line(line).or_else(|| libtest_line(line, "")) {
        return Some(found.test);
    }
    let line = line.trim_start();
    let crate_ = ["Compiling ", "Downloading ", "Checking ", "Blocking "].iter().any(|word| line.starts_with(word));
    crate_.then(|| line.split(" (").next().unwrap_or(line).to_owned())
}

/// The cases of the column `major`: names that compare, and verdicts that heed the tests' own words.
pub(crate) fn cases(found: Vec<Found>, major: u64) -> Vec<Case> {
    let mut names = BTreeSet::new();
    // Two binaries may have tests of the same name; then all carry the binary's.
    let ambiguous = !found.iter().all(|found| names.insert(found.test.clone()));
    let case = |found: Found| {
        let mut case = neutral(&found.test, major);
        if ambiguous {
            case = format!("{} {case}", found.binary);
        }
        let verdict = verdict(&found.status, &found.output);
        let output = verdict.is_failure().then(|| tail(&found.output)).filter(|output| !output.is_empty());
        Case { case, test: found.test, verdict, seconds: found.seconds, output, reproduce: None }
    };
    let mut cases: Vec<Case> = found.into_iter().map(case).collect();
    cases.sort_by(|a, b| a.case.cmp(&b.case));
    cases
}

/// `name` without the module that is named after the major.
fn neutral(name: &str, major: u64) -> String {
    let module = format!("v{major}");
    name.split("::").filter(|part| *part != module).collect::<Vec<_>>().join("::")
}

fn verdict(status: &Status, output: &str) -> Verdict {
    let captured = output.lines().find_map(CellLine::read);
    match (status, captured) {
        (Status::Passed, None | Some(CellLine::Xpass { .. })) => Verdict::Pass,
        (Status::Passed, Some(CellLine::Xfail { reason, link })) => Verdict::Xfail { reason, link },
        (Status::Passed, Some(CellLine::Skip { reason })) => Verdict::Skip { reason },
        (Status::Passed, Some(CellLine::NotApplicable { reason })) => Verdict::NotApplicable { reason },
        (Status::Failed, Some(CellLine::Xpass { reason, link })) => Verdict::Xpass { reason, link },
        (Status::Failed | Status::Stopped, _) => Verdict::Fail { reason: None },
        (Status::TimedOut, _) => Verdict::Timeout { reason: "the case timed out".into() },
        (Status::Ignored(reason), _) => Verdict::Skip { reason: reason.clone() },
    }
}

/// A case's report about itself.
#[derive(Debug, Eq, PartialEq)]
enum CellLine {
    Xfail { reason: String, link: String },
    Xpass { reason: String, link: String },
    Skip { reason: String },
    NotApplicable { reason: String },
}

impl CellLine {
    /// Reads `::cell KIND ...`, also after the `test NAME ... ` that libtest prints before uncaptured output.
    fn read(line: &str) -> Option<Self> {
        let start = if line.starts_with("test ") { line.find(" ... ::cell ")? + 5 } else { 0 };
        let words = line[start..].trim().strip_prefix("::cell ")?.trim_start();
        let (kind, rest) = words.split_once(' ').unwrap_or((words, ""));
        let reason = || match rest.trim() {
            "" => "no reason given".to_owned(),
            rest => rest.to_owned(),
        };
        let (link, why) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        let (link, why) = (link.to_owned(), why.trim().to_owned());
        match kind {
            "xfail" => Some(Self::Xfail { reason: why, link }),
            "xpass" => Some(Self::Xpass { reason: why, link }),
            "skip" => Some(Self::Skip { reason: reason() }),
            "n/a" => Some(Self::NotApplicable { reason: reason() }),
            _ => None,
        }
    }
}

/// The end of `text`, which usually contains the error.
pub(crate) fn tail(text: &str) -> String {
    let mut start = text.len().saturating_sub(OUTPUT);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text[start..].trim().to_owned()
}

#[cfg(test)]
mod tests {
    //! What nextest 0.9.143 and libtest of Rust 1.95 print is read right.

    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    fn verdicts(cases: &[Case]) -> Vec<(&str, &str)> {
        cases.iter().map(|case| (case.case.as_str(), case.verdict.name())).collect()
    }

    const LIBTEST: &str = "\
   Compiling jt v0.1.0
     Running unittests src/lib.rs (target/debug/deps/jt-62d73c78736d6190)

running 6 tests
test a ... ok
test v18::c ... ok
test v18::d ... ignored, later
test e - should panic ... ok
test b ... FAILED
test g ... FAILED

successes:

---- a stdout ----
::cell xfail https://x.y/z why not

successes:
    a
    v18::c

failures:

---- b stdout ----
hello <b>
test q ... ok

thread 'b' (28188) panicked at src/lib.rs:2:58:
boom
---- g stdout ----
::cell xpass https://x.y/z it is gone


failures:
    b
    g

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.08s
   Doc-tests jt
test src/lib.rs - f (line 3) ... ok
";

    #[test]
    fn libtest() {
        let cases = cases(text(&lines(LIBTEST)), 18);
        assert_eq!(
            verdicts(&cases),
            [
                ("a", "xfail"),
                ("b", "fail"),
                ("c", "pass"),
                ("d", "skip"),
                ("e", "pass"),
                ("g", "xpass"),
                ("src/lib.rs - f (line 3)", "pass")
            ]
        );
        assert_eq!(cases[0].verdict.link(), Some("https://x.y/z"));
        assert_eq!(cases[0].verdict.reason(), Some("why not"));
        assert!(cases[1].output.as_ref().unwrap().contains("boom"));
        assert_eq!(cases[2].test, "v18::c");
        assert_eq!(cases[3].verdict.reason(), Some("later"));
    }

    #[test]
    fn nextest_text() {
        let text = text(&lines(
            "        PASS [   0.008s] (1/3) jt a\n        SLOW [> 60.000s] (───) jt b\n     TIMEOUT [  60.001s] (2/3) jt b\n     \
             SIGABRT [   0.101s] (3/3) jt v18::c\nSummary [   0.103s] 3 tests run\n     SIGABRT [   0.101s] (3/3) jt v18::c",
        ));
        assert_eq!(verdicts(&cases(text, 18)), [("a", "pass"), ("b", "timeout"), ("c", "fail")]);
    }

    #[test]
    fn nextest_junit() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="4" skipped="1" failures="1" errors="0">
    <testsuite name="jt" tests="4" skipped="1" errors="0" failures="1">
        <testcase name="v18::a" classname="jt" time="0.008">
            <system-out>
running 1 test
::cell n/a no component model before 20
test a ... ok
</system-out><system-err></system-err>
        </testcase>
        <testcase name="b" classname="jt" time="0.101">
            <failure message="thread &apos;b&apos; panicked" type="test failure with exit code 101">boom</failure>
            <system-out>hello &lt;b&gt;</system-out><system-err>err</system-err>
        </testcase>
        <testcase name="t" classname="jt" time="60"><failure type="test timeout"/></testcase>
        <testcase name="d" classname="jt"><skipped message="Skipped: ignored"/></testcase>
    </testsuite>
</testsuites>"#;
        let cases = cases(junit(xml).unwrap(), 18);
        assert_eq!(verdicts(&cases), [("a", "n/a"), ("b", "fail"), ("d", "skip"), ("t", "timeout")]);
        assert_eq!(cases[0].verdict.reason(), Some("no component model before 20"));
        assert_eq!(cases[1].output.as_deref(), Some("hello <b>\nerr"));
        assert_eq!(cases[1].seconds, 0.101);
        assert!(junit("<html/>").is_err());
    }

    #[test]
    fn what_a_case_says_of_itself() {
        let captured = |line: &str| CellLine::read(line);
        let reason = || "no fuel".to_owned();
        assert_eq!(captured("::cell skip no fuel"), Some(CellLine::Skip { reason: reason() }));
        assert_eq!(captured("test a ... ::cell n/a no fuel"), Some(CellLine::NotApplicable { reason: reason() }));
        for other in ["x ::cell skip no fuel", "::cell", "::cell what no fuel", "test a ... ok"] {
            assert_eq!(captured(other), None, "{other}");
        }
        // A case that fails has failed, whatever it says.
        assert_eq!(verdict(&Status::Failed, "::cell xfail l why").name(), "fail");
        assert_eq!(verdict(&Status::Failed, "::cell skip why").name(), "fail");
    }

    #[test]
    fn names_that_two_binaries_share_carry_the_binary() {
        let found = |binary: &str, test: &str| Found {
            binary: binary.into(),
            test: test.into(),
            status: Status::Passed,
            seconds: 0.0,
            output: String::new(),
        };
        let cases = cases(vec![found("b", "v20::x"), found("a", "v20::x"), found("a", "y")], 20);
        assert_eq!(cases.iter().map(|case| case.case.as_str()).collect::<Vec<_>>(), ["a x", "a y", "b x"]);
    }

    #[test]
    fn steps() {
        assert_eq!(step("   Compiling wasmtime v48.0.8 (x)").as_deref(), Some("Compiling wasmtime v48.0.8"));
        assert_eq!(step("        PASS [   0.008s] (1/3) jt v18::a").as_deref(), Some("v18::a"));
        assert_eq!(step("warning: unused"), None);
    }
}
