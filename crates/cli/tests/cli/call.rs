//! The command `call` as a user sees it, on every major of the build.

use std::fs;
use std::process::Output;

use serde_json::Value;
use tempfile::tempdir;
use wasmtime_compat::enabled;

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
