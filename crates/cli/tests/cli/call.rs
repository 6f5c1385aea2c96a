//! The command `call` as a user sees it, on every major of the build.

use std::fs;
use std::process::Output;

use crate::majors::enabled;
use serde_json::Value;
use tempfile::tempdir;

use crate::user::tool;

const MODULE: &str = r#"(module
    (func (export "add") (param i32 i64) (result i64) (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1)))
    (func (export "trap") unreachable))"#;

const COMPONENT: &str = r#"(component
    (core module $m
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "first") (param i32 i32) (result i32)
            (i32.store8 offset=0 (i32.const 16) (i32.ne (local.get 1) (i32.const 0)))
            (i32.store offset=4 (i32.const 16) (i32.load (local.get 0)))
            (i32.const 16)))
    (core instance $i (instantiate $m))
    (func $first (param "numbers" (list u32)) (result (option u32))
        (canon lift (core func $i "first") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (instance $api (export "first" (func $first)))
    (export "demo:guest/api@1.0.0" (instance $api)))"#;

fn call(root: &std::path::Path, major: u64, arguments: &[&str]) -> Output {
    tool().current_dir(root).args(["call", "--wasmtime", &major.to_string()]).args(arguments).output().unwrap()
}

fn shown(output: &Output) -> (Option<i32>, String) {
    let text = if output.status.success() { &output.stdout } else { &output.stderr };
    (output.status.code(), String::from_utf8_lossy(text).into_owned())
}

#[test]
fn functions_of_modules_and_components() {
    let root = tempdir().unwrap();
    fs::write(root.path().join("add.wat"), MODULE).unwrap();
    fs::write(root.path().join("list.wat"), COMPONENT).unwrap();
    for wasmtime in enabled() {
        let call = |arguments: &[&str]| call(root.path(), wasmtime.major(), arguments);
        assert_eq!(shown(&call(&["add.wat", "add", "40", "2"])), (Some(0), "42\n".to_owned()));
        assert_eq!(shown(&call(&["add.wat", "add", "-3", "1"])), (Some(0), "-2\n".to_owned()));
        let first = "demo:guest/api@1.0.0#first";
        assert_eq!(shown(&call(&["list.wat", first, "[7, 8]"])), (Some(0), "some(7)\n".to_owned()));
        assert_eq!(shown(&call(&["list.wat", first, "[]"])), (Some(0), "none\n".to_owned()));

        let output = call(&["--json", "list.wat", first, "[7, 8]"]);
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&json["schema"], &json["major"]), (&1.into(), &wasmtime.major().into()));
        assert_eq!((json["export"].as_str(), &json["results"]), (Some(first), &serde_json::json!(["some(7)"])));
    }
}

#[test]
fn calls_that_fail() {
    let root = tempdir().unwrap();
    fs::write(root.path().join("add.wat"), MODULE).unwrap();
    for wasmtime in enabled() {
        let failures: [(&[&str], i32, &str); 6] = [
            (&["add.wat", "subtract"], 2, "`subtract`"),
            (&["add.wat", "add", "1"], 2, "expected 2, found 1"),
            (&["add.wat", "add", "1", "x"], 2, "argument 2: expected a value of type `s64`"),
            (&["add.wat", "trap"], 134, "unreachable"),
            (&["missing.wat", "add"], 2, "missing.wat"),
            (&["--timeout", "nonsense", "add.wat", "add"], 2, "--timeout"),
        ];
        for (arguments, code, expected) in failures {
            let (found, text) = shown(&call(root.path(), wasmtime.major(), arguments));
            assert_eq!(found, Some(code), "{arguments:?}: {text}");
            assert!(text.contains(expected), "{arguments:?}: {text}");
        }
    }
}

/// Writes a line, and returns 7.
const SHOUT: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
    (func (export "shout") (result i32)
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
        (i32.const 7))
    (func (export "trap") (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 16))) unreachable)
    (func (export "loop") (loop $l (br $l))))"#;

fn compare(root: &std::path::Path, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = tool().current_dir(root).args(["compare", "--json"]).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {text}")))
}

#[test]
fn calls_are_compared_in_a_process_of_their_own_and_without() {
    let root = tempdir().unwrap();
    fs::write(root.path().join("add.wat"), MODULE).unwrap();
    fs::write(root.path().join("list.wat"), COMPONENT).unwrap();
    fs::write(root.path().join("shout.wat"), SHOUT).unwrap();
    let first = "demo:guest/api@1.0.0#first";
    for isolation in ["--isolate", "--no-isolate"] {
        let returned: [(&[&str], &str, &str); 4] = [
            (&["--call", "add", "add.wat", "--", "40", "2"], "42", ""),
            (&["--call", "add", "add.wat", "--", "-3", "1"], "-2", ""),
            (&["--call", first, "list.wat", "--", "[7, 8]"], "some(7)", ""),
            (&["--call", "shout", "shout.wat"], "7", "hello\n"),
        ];
        for (arguments, result, stdout) in returned {
            let (code, report) = compare(root.path(), &[&[isolation], arguments].concat());
            assert_eq!((code, &report["agree"]), (Some(0), &true.into()), "{report}");
            assert_eq!(report["runs"].as_array().unwrap().len(), enabled().len());
            for run in report["runs"].as_array().unwrap() {
                assert_eq!((run["outcome"].as_str(), &run["code"]), (Some("returned"), &Value::Null), "{run}");
                assert_eq!((&run["results"], run["stdout"].as_str()), (&serde_json::json!([result]), Some(stdout)));
            }
        }
        let (code, report) = compare(root.path(), &[isolation, "--call", "trap", "shout.wat"]);
        assert_eq!((code, &report["agree"]), (Some(0), &true.into()), "{report}");
        for run in report["runs"].as_array().unwrap() {
            assert_eq!(
                (run["outcome"].as_str(), run["trap"].as_str()),
                (Some("trapped"), Some("unreachable")),
                "{run}"
            );
            assert_eq!((run["stderr"].as_str(), run.get("results")), (Some("hello\n"), None), "{run}");
        }
        let (_, report) = compare(root.path(), &[isolation, "--timeout", "50ms", "--call", "loop", "shout.wat"]);
        assert!(report["runs"].as_array().unwrap().iter().all(|run| run["outcome"] == "timed-out"), "{report}");
    }
}

#[test]
fn majors_that_do_not_call_a_function_differ_from_those_that_do() {
    let root = tempdir().unwrap();
    let text = r#"(module (func $f (result i32) (i32.const 42)) (func (export "f") (result i32) (return_call $f)))"#;
    fs::write(root.path().join("tail.wat"), text).unwrap();
    let (code, report) = compare(root.path(), &["--call", "f", "tail.wat"]);
    let [before, since] = [|major: u64| major < 22, |major: u64| major >= 22]
        .map(|side| enabled().iter().filter(|wasmtime| side(wasmtime.major())).count());
    let differ = before > 0 && since > 0;
    let expected = if since == 0 { 2 } else { i32::from(differ) };
    assert_eq!((code, &report["agree"]), (Some(expected), &(!differ).into()), "{report}");
    if differ {
        let results = report["differences"].as_array().unwrap().iter().find(|it| it["what"] == "results").unwrap();
        assert_eq!((&results["groups"][0]["value"], &results["groups"][1]["value"]), (&"none".into(), &"42".into()));
    }
}

#[test]
fn calls_that_cannot_be_compared() {
    let root = tempdir().unwrap();
    fs::write(root.path().join("add.wat"), MODULE).unwrap();
    let failures: [(&[&str], &str, &str); 3] = [
        (&["--call", "subtract", "add.wat"], "export", "`subtract`"),
        (&["--call", "add", "add.wat", "--", "1"], "invalid-argument", "expected 2, found 1"),
        (&["--call", "add", "add.wat", "--", "1", "x"], "invalid-argument", "argument 2"),
    ];
    for (arguments, kind, message) in failures {
        let (code, report) = compare(root.path(), arguments);
        assert_eq!(code, Some(2), "nothing was compared: {report}");
        for run in report["runs"].as_array().unwrap() {
            assert_eq!((run["outcome"].as_str(), run["error_kind"].as_str()), (Some("refused"), Some(kind)), "{run}");
            assert!(run["error"].as_str().unwrap().contains(message), "{run}");
        }
    }
    let output = tool().args(["compare", "--call", "add"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "the demo has no function to call");
}

#[test]
fn results_are_shown_side_by_side() {
    let root = tempdir().unwrap();
    fs::write(root.path().join("add.wat"), MODULE).unwrap();
    let output =
        tool().current_dir(root.path()).args(["compare", "--call", "add", "add.wat", "--", "40", "2"]).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(text.starts_with("add of add.wat on "), "{text}");
    assert!(text.contains("results") && text.contains("returned"), "{text}");
    assert_eq!(text.lines().filter(|line| line.contains(" 42 ")).count(), enabled().len(), "{text}");
}

#[test]
fn a_call_that_traps_shows_where() {
    let root = tempdir().unwrap();
    let text = r#"(module (func $inner unreachable) (func $outer (export "f") (call $inner)))"#;
    fs::write(root.path().join("trap.wat"), text).unwrap();
    for major in enabled() {
        let (code, text) = shown(&call(root.path(), major.major(), &["trap.wat", "f"]));
        assert_eq!(code, Some(134), "{text}");
        let [inner, outer] = ["inner", "outer"].map(|name| text.find(name).unwrap_or_else(|| panic!("{text}")));
        assert!(inner < outer, "{text}");
        let output = call(root.path(), major.major(), &["--json", "trap.wat", "f"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let functions = ["/backtrace/0/function", "/backtrace/1/function"].map(|path| report.pointer(path).cloned());
        assert_eq!(functions, [Some("inner".into()), Some("outer".into())], "{report}");
        assert_eq!(report["trap"], "unreachable", "{report}");
    }
}
