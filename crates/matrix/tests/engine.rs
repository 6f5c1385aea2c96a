//! The engine against a stub of cargo: verdicts, exit codes, cache, resume, shares, reports.

#![cfg(unix)]

mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use tempfile::TempDir;
use wasmtime_compat_matrix::engine::{self, Invocation, MatrixArgs, Plan, Project, export};
use wasmtime_compat_matrix::{Exit, Report};

/// Tells the child of the kill test where its stub is.
const CHILD: &str = "MATRIX_TEST_CHILD";

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    matrix: MatrixArgs,
}

/// A folder with the stub in it.
struct Stub {
    folder: TempDir,
}

/// What a column of every kind of case does.
const MIXED: &str = r#"run() {
    ok calls::add
    ok wasi::known "::cell xfail https://example.org/1 a &lt;known> difference"
    ok wasi::fuel "::cell n/a no fuel before 20"
    ok wasi::net "::cell skip no network"
    bad wasi::gone "::cell xpass https://example.org/2 it is gone"
    bad calls::sub "panicked: <![CDATA[<b>&boom</b>]]>" "test failure"
    bad calls::slow "" "test timeout"
}"#;

impl Stub {
    fn new(columns: &[(u64, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stub = folder.path().join("cargo");
        fs::write(&stub, include_str!("stub/cargo")).unwrap();
        fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
        for (major, script) in columns {
            fs::write(folder.path().join(format!("column-{major}")), script).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The columns there are, as a project.
    fn project(folder: &Path) -> Project {
        let mut majors: Vec<u64> = fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_prefix("column-")?.parse().ok())
            .collect();
        majors.sort_unstable();
        let plan = |major| {
            let words = ["nextest", "run", "-p", "tests", "--features", &format!("wasmtime-{major}")];
            let invocation = Invocation {
                program: folder.join("cargo"),
                args: words.map(str::to_owned).to_vec(),
                dir: folder.to_owned(),
                ..Invocation::default()
            };
            Plan::new(major, invocation)
        };
        Project {
            columns: majors.into_iter().map(plan).collect(),
            groups: BTreeMap::new(),
            state: folder.join("state"),
            fingerprint: Some(fs::read_to_string(folder.join("fingerprint")).unwrap_or_default()),
        }
    }

    fn run(&self, args: &str) -> Exit {
        self.run_with(args, |_| {})
    }

    fn run_with(&self, args: &str, change: impl FnOnce(&mut Project)) -> Exit {
        let mut words = vec!["matrix".to_owned()];
        words.extend(args.split_whitespace().map(|word| word.replace('@', &self.folder.path().display().to_string())));
        let cli = Cli::try_parse_from(words).unwrap();
        let mut project = Self::project(self.folder.path());
        change(&mut project);
        engine::run(&cli.matrix, || Ok(project))
    }

    fn report(&self, name: &str) -> Report {
        export::read(&self.path(name)).unwrap()
    }

    /// How often the stub was called for a major.
    fn calls(&self, major: u64) -> usize {
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        calls
            .lines()
            .filter(|line| line.contains(&format!("wasmtime-{major} ")) || line.ends_with(&format!("wasmtime-{major}")))
            .count()
    }
}

fn verdicts(report: &Report, major: u64) -> Vec<(&str, &str)> {
    let cases = &report.column(major).unwrap().cases;
    cases.iter().map(|case| (case.case.as_str(), case.verdict.name())).collect()
}

fn verdict(report: &Report, major: u64) -> String {
    report.column(major).unwrap().end.verdict.describe()
}

#[test]
fn every_verdict_and_every_report() {
    let broken = "build() { echo 'error[E0425]: no <value>'; echo 'error: could not compile `a`'; exit 101; }";
    let offline = "build() { echo 'error: failed to download from somewhere'; exit 101; }";
    let slow = "run() { ok a; sleep 60; }";
    let empty = "run() { code=4; }";
    let stub = Stub::new(&[
        (18, MIXED),
        (19, broken),
        (20, offline),
        (24, slow),
        (36, empty),
        (48, "run() { ok calls::add; }"),
    ]);
    let args = "--timeout 1 --json @/r.json --junit @/r.xml --markdown @/r.md --html @/r.html";
    let exit = stub.run_with(args, |project| {
        let mut plan = project.columns[0].clone();
        plan.column.major = 50;
        plan.not_run = Some("needs rustc 1.97".into());
        plan.column.facts.insert("rust-version".into(), "1.97".into());
        project.columns.push(plan);
    });
    assert_eq!(exit, Exit::Infrastructure);

    let report = stub.report("r.json");
    assert_eq!(
        verdicts(&report, 18),
        [
            ("calls::add", "pass"),
            ("calls::slow", "timeout"),
            ("calls::sub", "fail"),
            ("wasi::fuel", "n/a"),
            ("wasi::gone", "xpass"),
            ("wasi::known", "xfail"),
            ("wasi::net", "skip")
        ]
    );
    assert_eq!(verdict(&report, 18), "fail");
    assert_eq!(verdict(&report, 19), "build-error: error[E0425]: no <value>");
    assert_eq!(verdict(&report, 20), "infra-error: error: failed to download from somewhere");
    assert_eq!(verdict(&report, 24), "timeout: timed out after 1 cases");
    assert_eq!(verdict(&report, 36), "fail: no test ran");
    assert_eq!(verdict(&report, 48), "pass");
    assert_eq!(verdict(&report, 50), "not-run: needs rustc 1.97");
    let red = report.column(18).unwrap().case("calls::sub").unwrap();
    assert_eq!(
        red.reproduce.as_deref(),
        Some("cargo nextest run -p tests --features wasmtime-18 -E 'test(=v18::calls::sub)'")
    );
    assert!(report.columns.iter().all(|column| column.end.cpu_seconds.is_some() == (column.column.major != 50)));

    let json = serde_json::from_str(&fs::read_to_string(stub.path("r.json")).unwrap()).unwrap();
    schema::check(&json).unwrap();

    let html = fs::read_to_string(stub.path("r.html")).unwrap();
    assert!(html.contains("panicked: &lt;b&gt;&amp;boom&lt;/b&gt;") && !html.contains("<b>&boom"), "{html}");
    assert!(html.contains("a &lt;known&gt; difference") && html.contains("href=\"https://example.org/1\""));
    assert!(!html.contains("<script") && !html.contains("src="));

    let xml = quick_junit::Report::deserialize_from_str(&fs::read_to_string(stub.path("r.xml")).unwrap()).unwrap();
    assert_eq!(xml.test_suites.len(), 7);
    let counts =
        |index: usize| (xml.test_suites[index].failures, xml.test_suites[index].errors, xml.test_suites[index].skipped);
    assert_eq!((counts(0), counts(1), counts(2)), ((3, 0, 3), (0, 1, 0), (0, 1, 0)));

    let markdown = fs::read_to_string(stub.path("r.md")).unwrap();
    assert!(markdown.contains("[a &lt;known> difference](<https://example.org/1>)"), "{markdown}");
    assert!(markdown.contains("not-run: needs rustc 1.97"));
}

#[test]
fn exit_codes() {
    let pass = "run() { ok a; ok b '::cell xfail https://example.org why'; }";
    let fail = "run() { ok a; bad b; }";
    let xpass = "run() { bad b '::cell xpass https://example.org why'; }";
    let slow = "run() { sleep 60; }";
    let broken = "build() { echo 'error: could not compile `a`'; exit 101; }";
    let none = "run() { code=4; }";
    let stub = Stub::new(&[(18, pass), (19, fail), (20, xpass), (24, slow), (36, broken), (48, none)]);
    for (args, exit) in [
        ("--majors 18", Exit::Good),
        ("--majors 18,19", Exit::Conformance),
        ("--majors 20", Exit::Conformance),
        ("--majors 24 --timeout 1000ms", Exit::Conformance),
        ("--majors 18,19,36", Exit::Build),
        ("--majors 48 --cases zzz", Exit::Nothing),
        ("--majors 48", Exit::Conformance),
        ("--majors 18 --exclude all", Exit::Nothing),
        ("--majors 21", Exit::Usage),
        ("list --majors lts", Exit::Usage),
        ("list", Exit::Good),
        ("diff 18 99", Exit::Usage),
        ("merge @/none.json", Exit::Infrastructure),
        ("--majors 18 --dry-run", Exit::Good),
    ] {
        assert_eq!(stub.run(args), exit, "{args}");
    }
    let missing =
        stub.run_with("--majors 18 --fresh", |project| project.columns[0].invocation.program = "/none/cargo".into());
    assert_eq!(missing, Exit::Infrastructure);
}

#[test]
fn what_passed_is_not_run_again() {
    let stub = Stub::new(&[(18, "run() { ok a; }"), (20, "run() { ok a; bad b; bad c; }")]);
    assert_eq!(stub.run("--json @/1.json"), Exit::Conformance);
    assert_eq!((stub.calls(18), stub.calls(20)), (2, 2));

    // The red cases only; what passed is kept.
    fs::write(stub.path("column-20"), "run() { ok a; ok b; bad c; }").unwrap();
    assert_eq!(stub.run("--rerun failed --json @/2.json"), Exit::Conformance);
    assert_eq!((stub.calls(18), stub.calls(20)), (2, 4));
    let calls = fs::read_to_string(stub.path("calls")).unwrap();
    assert!(calls.lines().last().unwrap().ends_with("-E test(=v20::b) | test(=v20::c)"), "{calls}");
    let report = stub.report("2.json");
    assert!(report.column(18).unwrap().end.cached && !report.column(20).unwrap().end.cached);
    assert_eq!(verdicts(&report, 20), [("a", "pass"), ("b", "pass"), ("c", "fail")]);

    fs::write(stub.path("column-20"), "run() { ok a; ok b; ok c; }").unwrap();
    assert_eq!(stub.run("--json @/3.json"), Exit::Good);
    assert_eq!(stub.run("--json @/4.json"), Exit::Good);
    assert_eq!((stub.calls(18), stub.calls(20)), (2, 6));
    assert!(stub.report("4.json").columns.iter().all(|column| column.end.cached));

    // Other sources, other cases, and --fresh run again.
    assert_eq!(stub.run("--majors 18 --cases a"), Exit::Good);
    assert_eq!(stub.calls(18), 4);
    assert_eq!(stub.run("--majors 18 --fresh"), Exit::Good);
    assert_eq!(stub.calls(18), 6);
    fs::write(stub.path("fingerprint"), "other").unwrap();
    assert_eq!(stub.run("--majors 18"), Exit::Good);
    assert_eq!(stub.calls(18), 8);
}

#[test]
fn fail_fast_stops_after_the_first_red_column() {
    let stub = Stub::new(&[(18, "run() { ok a; }"), (20, "run() { bad a; }"), (24, "run() { ok a; }")]);
    assert_eq!(stub.run("--fail-fast --json @/r.json"), Exit::Conformance);
    assert_eq!(stub.calls(24), 0);
    assert_eq!(verdict(&stub.report("r.json"), 24), "not-run: --fail-fast: Wasmtime 20 failed");
    // It has not seen all its cases, so all run again.
    stub.run("--majors 20 --rerun failed");
    assert!(!fs::read_to_string(stub.path("calls")).unwrap().lines().last().unwrap().contains("test(="));
}

#[test]
fn killed_in_the_middle_it_goes_on_where_it_was() {
    if let Some(folder) = std::env::var_os(CHILD) {
        let cli = Cli::try_parse_from(["matrix"]).unwrap();
        engine::run(&cli.matrix, || Ok(Stub::project(Path::new(&folder))));
        return;
    }
    let waits = r#"run() { touch "$here/reached"; sleep 5; ok a; }"#;
    let stub = Stub::new(&[(18, "run() { ok a; }"), (20, waits), (24, "run() { ok a; }")]);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed_in_the_middle_it_goes_on_where_it_was"])
        .env(CHILD, stub.folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !stub.path("reached").exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "the second column was never reached");
        thread::sleep(Duration::from_millis(20));
    }
    // SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();

    fs::write(stub.path("column-20"), "run() { ok a; }").unwrap();
    assert_eq!(stub.run("--json @/r.json"), Exit::Good);
    let report = stub.report("r.json");
    let cached: Vec<bool> = report.columns.iter().map(|column| column.end.cached).collect();
    assert_eq!(cached, [true, false, false]);
    assert_eq!((stub.calls(18), stub.calls(20), stub.calls(24)), (2, 4, 2));
}

// Only there is a device on which every write fails.
#[cfg(target_os = "linux")]
#[test]
fn nobody_has_to_read_what_happens() {
    if let Some(folder) = std::env::var_os(CHILD) {
        let folder = Path::new(&folder);
        let json = folder.join("r.json").display().to_string();
        let cli = Cli::try_parse_from(["matrix", "--json", &json]).unwrap();
        let exit = engine::run(&cli.matrix, || Ok(Stub::project(folder)));
        std::process::exit(exit as i32);
    }
    let stub = Stub::new(&[(18, "run() { ok a; }"), (20, "run() { bad a; }")]);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "nobody_has_to_read_what_happens", "--nocapture"]).env(CHILD, stub.folder.path());
    let ended = child.stdout(Stdio::null()).stderr(full).status().unwrap();
    assert_eq!(ended.code(), Some(Exit::Conformance as i32));
    assert_eq!(stub.report("r.json").columns.len(), 2);
}

#[test]
fn shares_merge_to_the_whole() {
    let stub = Stub::new(&[(18, MIXED), (19, "run() { ok a; }"), (20, MIXED), (24, "run() { ok b; }"), (36, MIXED)]);
    assert_eq!(stub.run("--json @/whole.json"), Exit::Conformance);
    stub.run("--fresh --partition 1/2 --json @/1.json");
    stub.run("--fresh --partition 2/2 --json @/2.json");
    assert_eq!(stub.report("1.json").columns.len() + stub.report("2.json").columns.len(), 5);
    assert_eq!(stub.run("merge @/2.json @/1.json --json @/merged.json"), Exit::Conformance);
    let timeless = |name: &str| {
        let mut report = stub.report(name);
        for column in &mut report.columns {
            (column.end.build_seconds, column.end.run_seconds, column.end.cpu_seconds) = (0.0, 0.0, None);
        }
        report
    };
    assert_eq!(timeless("merged.json"), timeless("whole.json"));
}

#[test]
fn diff_and_bisect() {
    let known = "run() { ok x::a; ok x::b '::cell xfail https://example.org/1 not yet'; }";
    let fixed = "run() { ok x::a; ok x::b; }";
    let stub = Stub::new(&[(18, known), (19, known), (20, known), (24, fixed), (36, fixed), (48, fixed)]);
    assert_eq!(stub.run("--majors all --json @/r.json"), Exit::Good);
    let report = stub.report("r.json");
    let diff = engine::diff(&report, 19, 48).unwrap();
    assert_eq!((diff.changed.len(), diff.same), (1, 1));
    let text = diff.show();
    assert!(text.contains("Differences that end\n  x::b\n     19  xfail: not yet\n     48  pass"), "{text}");
    assert_eq!(stub.run("diff 19 48"), Exit::Good);
    assert_eq!(stub.run("bisect b --from @/r.json"), Exit::Good);
    let changes = engine::changes(&report, "x::b");
    assert_eq!(changes.iter().map(|change| (change.last, change.first)).collect::<Vec<_>>(), [(20, 24)]);

    // Without a report the two ends and the middle run, not all.
    fs::remove_file(stub.path("calls")).unwrap();
    assert_eq!(stub.run("bisect b"), Exit::Good);
    assert_eq!([18, 19, 20, 24, 36, 48].map(|major| stub.calls(major) / 2), [1, 0, 1, 1, 0, 1]);
    assert_eq!(stub.run("bisect zzz --from @/r.json"), Exit::Nothing);

    // A name that nothing has is no result, nor is a machine that broke.
    for major in [18, 48] {
        fs::write(stub.path(&format!("column-{major}")), "run() { code=4; }").unwrap();
    }
    assert_eq!(stub.run("bisect zzz"), Exit::Nothing);
    let broken = "build() { echo 'error: failed to download from somewhere'; exit 101; }";
    fs::write(stub.path("column-48"), broken).unwrap();
    assert_eq!(stub.run("bisect zzz --fresh"), Exit::Infrastructure);
}
