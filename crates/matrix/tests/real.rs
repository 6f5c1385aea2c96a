//! The engine with the real cargo, and the real nextest where it is installed, on a small crate.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::Parser;
use wasmtime_compat_matrix::engine::{self, MatrixArgs, export};
use wasmtime_compat_matrix::{Exit, Report};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    matrix: MatrixArgs,
}

const MANIFEST: &str = r#"
[package]
name = "small"
version = "0.1.0"
edition = "2024"

[features]
default = ["wt20"]
wt20 = []
wt24 = []
wt36 = []

[workspace]
"#;

const SOURCE: &str = r#"
#[cfg(feature = "wt36")]
compile_error!("36 is too new");

#[cfg(test)]
mod tests {
    #[test]
    fn known() {
        if cfg!(feature = "wt20") {
            println!("::cell xfail https://example.org/1 not before 24");
        }
    }

    #[test]
    fn broken() {
        println!("I am <here>");
        assert!(cfg!(feature = "wt20"), "24 broke it");
    }

    #[test]
    #[ignore = "later"]
    fn later() {}
}
"#;

fn matrix(folder: &Path, command: &[&str], args: &[&str]) -> (Exit, Report) {
    matrix_of(folder, &folder.join("target"), command, args)
}

fn matrix_of(folder: &Path, target: &Path, command: &[&str], args: &[&str]) -> (Exit, Report) {
    let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
    let options = engine::Options { folder, prefix: "wt", named: &[], package: None, command: &command, offline: true };
    let mut project = engine::project(&options).unwrap();
    // The target directory of whoever runs this test may be locked.
    project.state = target.join(project.state.file_name().unwrap());
    for plan in &mut project.columns {
        plan.invocation.env.insert("CARGO_TARGET_DIR".into(), Some(target.display().to_string()));
    }
    let json = target.join("report.json");
    let shown = json.display().to_string();
    let words = ["matrix", "--offline", "--json", &shown].into_iter().chain(args.iter().copied());
    let cli = Cli::try_parse_from(words).unwrap();
    let exit = engine::run(&cli.matrix, || Ok(project));
    (exit, export::read(&json).unwrap())
}

fn small(folder: &Path) {
    fs::create_dir(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), MANIFEST).unwrap();
    fs::write(folder.join("src/lib.rs"), SOURCE).unwrap();
}

fn check(folder: &Path, command: &[&str], again: &str) {
    let (exit, report) = matrix(folder, command, &[]);
    assert_eq!(exit, Exit::Build);
    let cells = |major: u64| -> Vec<String> {
        let cases = &report.column(major).unwrap().cases;
        cases.iter().map(|case| format!("{} {}", case.case, case.verdict.describe())).collect()
    };
    assert_eq!(cells(20)[..2], ["tests::broken pass", "tests::known xfail: not before 24"]);
    assert!(cells(20)[2].starts_with("tests::later skip: "));
    assert_eq!(cells(24)[..2], ["tests::broken fail", "tests::known pass"]);
    let red = report.column(24).unwrap().case("tests::broken").unwrap();
    let output = red.output.as_deref().unwrap();
    assert!(output.contains("I am <here>") && output.contains("24 broke it"), "{output}");
    assert_eq!(red.reproduce.as_deref().unwrap().rsplit_once("--features ").unwrap().1, again);
    let broken = report.column(36).unwrap().end.verdict.describe();
    assert_eq!(broken, "build-error: error: 36 is too new");

    // The red case alone, and what passed not at all.
    let (exit, report) = matrix(folder, command, &["--exclude", "36", "--rerun", "failed"]);
    assert_eq!(exit, Exit::Conformance);
    assert!(report.column(20).unwrap().end.cached);
    let names: Vec<_> = report.column(24).unwrap().cases.iter().map(|case| case.verdict.name()).collect();
    assert_eq!(names, ["fail", "pass", "skip"]);
    let (exit, _) = matrix(folder, command, &["--cases", "nothing-has-this-name"]);
    assert_eq!(exit, Exit::Build);
    let (exit, _) = matrix(folder, command, &["--cases", "nothing-has-this-name", "--exclude", "36"]);
    assert_eq!(exit, Exit::Nothing);
}

#[test]
fn cargo_test() {
    let folder = tempfile::tempdir().unwrap();
    small(folder.path());
    check(folder.path(), &["cargo", "test"], "wt24 -- --exact tests::broken");
}

#[test]
fn cargo_nextest() {
    let mut version = Command::new("cargo");
    version.args(["nextest", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !version.status().is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("CI").is_none(), "nextest is not installed");
        eprintln!("nextest is not installed: nothing is tested");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    small(folder.path());
    check(folder.path(), &["cargo", "nextest", "run"], "wt24 -E 'test(=tests::broken)'");
}

/// A crate with one feature, `wt20`, and these files.
fn other(folder: &Path, name: &str, files: &[(&str, &str)]) {
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[features]\nwt20 = []\n");
    for (path, text) in files.iter().chain(&[("Cargo.toml", manifest.as_str())]) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn verdict(report: &Report) -> String {
    report.column(20).unwrap().end.verdict.describe()
}

#[test]
fn members_of_a_workspace_do_not_pass_for_each_other() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("Cargo.toml"), "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n").unwrap();
    other(&root.path().join("a"), "a", &[("src/lib.rs", "#[test] fn good() {}")]);
    other(&root.path().join("b"), "b", &[("src/lib.rs", "#[test] fn bad() { panic!() }")]);
    let run = |member: &str| {
        let (exit, report) =
            matrix_of(&root.path().join(member), &root.path().join("target"), &["cargo", "test", "--lib"], &[]);
        let column = report.column(20).unwrap();
        (exit, column.end.cached, column.cases[0].case.clone())
    };
    assert_eq!(run("a"), (Exit::Good, false, "good".to_owned()));
    assert_eq!(run("b"), (Exit::Conformance, false, "bad".to_owned()));
    assert_eq!(run("a"), (Exit::Good, true, "good".to_owned()));
}

#[test]
fn a_binary_that_crashed_is_run_again_whole() {
    let folder = tempfile::tempdir().unwrap();
    let one = "#[test] fn fixed() { assert!(std::env::var_os(\"CARGO_MANIFEST_DIR\").is_none()) }";
    let two = "#[test] fn fixed() {} #[test] fn stops() { std::process::abort() }";
    other(folder.path(), "crashes", &[("src/lib.rs", ""), ("tests/one.rs", one), ("tests/two.rs", two)]);
    for args in [&[][..], &["--rerun", "failed"]] {
        let (exit, report) = matrix(folder.path(), &["cargo", "test", "--tests"], args);
        assert_eq!(exit, Exit::Conformance);
        assert!(verdict(&report).contains("process didn't exit successfully"), "{}", verdict(&report));
        // The red case of the first binary, whatever the second one said before its end.
        let cases = &report.column(20).unwrap().cases;
        assert!(cases.iter().any(|case| case.test == "fixed" && case.verdict.is_failure()), "{args:?}: {cases:?}");
    }
}

#[test]
fn doc_tests_alone() {
    let folder = tempfile::tempdir().unwrap();
    other(folder.path(), "docs", &[("src/lib.rs", "//! ```\n//! assert_eq!(1 + 1, 2);\n//! ```")]);
    let (exit, report) = matrix(folder.path(), &["cargo", "test", "--doc"], &[]);
    assert_eq!((exit, report.column(20).unwrap().cases.len()), (Exit::Good, 1), "{}", verdict(&report));
}
