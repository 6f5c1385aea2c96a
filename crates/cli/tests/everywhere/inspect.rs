//! The command `inspect` as a user sees it. It needs no major, and none is asked for.

use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::shared::{adapters, component, module, strip, walker};

fn inspect(wasm: &[u8], flags: &[&str]) -> Output {
    let root = tempdir().unwrap();
    let path = root.path().join("guest.wasm");
    std::fs::write(&path, wasm).unwrap();
    Command::new(env!("CARGO_BIN_EXE_wasmtime-compat")).arg("inspect").arg(path).args(flags).output().unwrap()
}

fn json_of(wasm: &[u8]) -> Value {
    let output = inspect(wasm, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text_of(wasm: &[u8]) -> String {
    let output = inspect(wasm, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn json_says_which_adapter_and_what_is_wrong() {
    let guest = component(&module(), adapters()[0].2);
    let report = json_of(&guest);
    assert_eq!(report["schema"], 1);
    assert_eq!(report["kind"], "component");
    assert_eq!(report["wasi"][0]["flavour"], "p2");
    assert_eq!(report["wasi"][0]["version"], "0.2.0");
    assert_eq!(report["proposals"], json!([]));
    let hosts = report["hosts"].as_array().unwrap();
    assert!(hosts.iter().all(|host| host["verdict"] == "runs" && host["reason"].is_null()), "{hosts:?}");
    let adapter = &report["adapters"][0];
    assert_eq!(adapter["flavour"], "command");
    assert_eq!(adapter["identity"], json!({ "exact": "24.0.13" }));
    assert_eq!(adapter["issues"][0]["id"], "preopen-names");
    assert_eq!(adapter["issues"][0]["status"], "affected");
    assert_eq!(adapter["issues"][0]["url"], "https://github.com/bytecodealliance/wasmtime/issues/10058");
    assert_eq!(adapter["evidence"][0]["kind"], "symbols");
    let bounds = json!({ "argument": 59_024, "variable": 59_016, "preopen_name": 59_020, "total": null });
    assert_eq!(adapter["string_bounds"], bounds);
    let long = adapter["issues"].as_array().unwrap().iter().find(|issue| issue["id"] == "long-string-abort").unwrap();
    assert_eq!((&long["status"], &long["fixed"]), (&json!("affected"), &Value::Null));

    let identity = &json_of(&strip(&guest))["adapters"][0]["identity"];
    assert!(identity["one_of"].as_array().unwrap().contains(&json!("24.0.13")), "{identity}");
    assert_eq!(json_of(&module())["adapters"], json!([]));
}

#[test]
fn what_an_adapter_does_is_said() {
    let report = json_of(&component(&walker(false), adapters()[9].2));
    let evidence = report["adapters"][0]["evidence"].as_array().unwrap();
    let seen: Vec<_> =
        evidence.iter().filter(|reason| reason["kind"] == "behaviour").map(|reason| &reason["text"]).collect();
    let expected = [
        "when run, the adapter does not have the flaw preopen-names",
        "when run, the adapter does not have the flaw readdir-endless",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn text_says_the_important_thing_first() {
    let affected = text_of(&component(&module(), adapters()[0].2));
    let first = affected.lines().next().unwrap();
    assert!(first.starts_with("affected: adapter") && first.contains("24.0.13"), "{affected}");
    assert!(first.contains("preopen-names"), "{affected}");
    let good = text_of(&component(&module(), adapters()[9].2));
    assert!(good.starts_with("good: ") && good.contains("\nlimited: "), "{good}");
    assert!(good.contains("59008 bytes for an argument"), "{good}");
    assert!(text_of(&module()).starts_with("the guest contains no adapter"));
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

#[test]
fn json_says_for_every_major_whether_it_runs() {
    let report = json_of(&wat(r#"(module (func $f) (func (export "_start") (return_call $f)))"#));
    assert_eq!(report["proposals"], json!(["tail-call"]));
    for host in report["hosts"].as_array().unwrap() {
        let runs = host["major"].as_u64().unwrap() >= 22;
        assert_eq!(host["verdict"], if runs { "runs" } else { "fails" }, "{host}");
        let why = if runs { Value::Null } else { json!("the guest uses tail-call, which is off by default") };
        assert_eq!(host["reason"], why, "{host}");
    }
}

#[test]
fn text_folds_majors_that_share_a_reason() {
    let text = text_of(&wat(r#"(module (memory 1 1 shared) (global i32 (i32.add (i32.const 1) (i32.const 2)))
        (func (export "_start")))"#));
    let lines: Vec<&str> = text.lines().skip(1).take(2).collect();
    assert_eq!(
        lines,
        [
            "fails on 18–24: the guest uses extended-const, which is off by default; the guest creates a shared memory, and shared memories are off by default",
            "fails on 25–50: the guest creates a shared memory, and shared memories are off by default",
        ]
    );
    let text = text_of(&wat(r#"(module (global i32 (i32.add (i32.const 1) (i32.const 2))) (func (export "_start")))"#));
    let lines: Vec<&str> = text.lines().skip(1).take(2).collect();
    let fails = "fails on 18–24: the guest uses extended-const, which is off by default";
    assert_eq!(lines, ["runs on 25–50", fails]);
    let text = text_of(&wat(r#"(module (import "env" "f" (func)) (func (export "_start")))"#));
    assert_eq!(text.lines().nth(1), Some("fails on 18–50: the guest imports `env::f`, which is not WASI"), "{text}");
}

/// The only line of `inspect` about hosts, and the one after it.
fn verdict_of(text: &str) -> (String, String) {
    let text = text_of(&wat(text));
    let mut lines = text.lines().skip(1).map(str::to_owned);
    (lines.next().unwrap_or_default(), lines.next().unwrap_or_default())
}

#[test]
fn a_function_of_wasi_with_another_type_is_named() {
    let (verdict, _) = verdict_of(
        r#"(component
            (import "wasi:cli/exit@0.2.0" (instance $exit (export "exit" (func (param "status" u32)))))
            (core module $m (import "h" "exit" (func $e (param i32))) (func (export "run") (result i32) (i32.const 0)))
            (core func $exit' (canon lower (func $exit "exit")))
            (core instance $i (instantiate $m (with "h" (instance (export "exit" (func $exit'))))))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $r (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $r)))"#,
    );
    let expected =
        "fails on 18–50: the guest imports `exit` of `wasi:cli/exit` with a type that does not match the host's";
    assert_eq!(verdict, expected);
}

#[test]
fn a_module_without_a_memory_for_preview1_is_warned_of() {
    const IMPORT: &str = r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))"#;
    const START: &str = r#"(func (export "_start") (call $exit (i32.const 42)))"#;
    let expected = "no call of WASI can work: the module exports no memory named `memory`";
    for without in ["", "(memory 1)", r#"(memory (export "mem") 1)"#, r#"(func (export "memory"))"#] {
        let text = format!("(module {IMPORT} {without} {START})");
        assert_eq!(verdict_of(&text), ("runs on 18–50".to_owned(), format!("warning: {expected}")), "{text}");
        let warnings = &json_of(&wat(&text))["warnings"];
        assert_eq!(warnings, &json!([{ "kind": "no-memory", "text": expected }]), "{text}");
    }
    for text in [
        format!(r#"(module {IMPORT} (memory (export "memory") 1) {START})"#),
        r#"(module (func (export "_start")))"#.to_owned(),
    ] {
        assert_eq!(json_of(&wat(&text))["warnings"], json!([]), "{text}");
    }
}

#[test]
fn the_core_module_of_a_component_is_to_be_made_a_component() {
    let because = |name: &str| {
        format!(
            "fails on 18–50: the guest is the core module of a component, as `{name}` shows: make it into a component \
             first, for example with `wasm-tools component new`"
        )
    };
    let import = r#"(import "wasi:cli/stdout@0.2.0" "get-stdout" (func (result i32)))
        (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func (param i32)))"#;
    let start = r#"(func (export "_start"))"#;
    let run = r#"(func (export "wasi:cli/run@0.2.0#run") (result i32) (i32.const 0))"#;
    let (verdict, _) = verdict_of(&format!("(module {import} {start})"));
    assert_eq!(verdict, because("wasi:cli/stdout@0.2.0"));
    for text in [format!("(module {import} {run})"), format!("(module {run})")] {
        assert_eq!(verdict_of(&text).0, because("wasi:cli/run@0.2.0#run"));
    }
}

#[test]
fn preview0_is_said_to_be_left_out() {
    let (verdict, _) = verdict_of(
        r#"(module (import "wasi_unstable" "proc_exit" (func (param i32))) (import "wasi_unstable" "fd_close" (func))
            (func (export "_start")))"#,
    );
    let expected = "fails on 18–50: the guest imports `wasi_unstable` (preview0), which this crate does not support, \
         because calls of preview0 cannot be bounded as those of preview1 are; build the guest for \
         `wasi_snapshot_preview1`";
    assert_eq!(verdict, expected);
}

#[test]
fn what_a_guest_begins_with_is_compared_with_the_limits() {
    let module = |fields: &str| verdict_of(&format!(r#"(module {fields} (func (export "_start")))"#));
    let (runs, fails) = module("(table 10000001 funcref)");
    assert_eq!(runs, "runs on 28–50");
    let long = "the guest has a table of 10000001 elements, and the host compiles tables of at most 10000000";
    assert_eq!(fails, format!("fails on 18–27: {long}"));
    let (verdict, _) = module("(table 8388608 funcref) (table 8388609 externref)");
    let expected = "the guest starts with 16777217 elements of tables, and the default limit of a store is 16777216";
    assert_eq!(verdict, format!("fails on 18–50: {expected}"));
    assert_eq!(module("(table 8388608 funcref) (table 8388608 externref)").0, "runs on 18–50");
    let (verdict, _) = module("(memory 65536) (memory 65536) (memory 1)");
    let expected = "the guest starts with 8590000128 bytes of memory, and the default limit of a store is 8589934592";
    assert_eq!(verdict, format!("fails on 18–50: {expected}"));
}

#[test]
fn what_is_no_guest_is_a_usage_error() {
    let output = inspect(b"\0asm\x09\0\0\0", &["--json"]);
    assert_eq!(output.status.code(), Some(2));
    let failure: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(failure["error"].as_str().unwrap().contains("version is unknown"), "{failure}");
}

const GREETER: &str = r#"(component
    (import "demo:host/log@1.2.0" (instance
        (export "write" (func (param "line" string)))))
    (core module $m (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
    (core instance $i (instantiate $m))
    (func (export "twice") (param "n" u32) (result u32) (canon lift (core func $i "twice"))))"#;

#[test]
fn the_world_of_a_component_is_wit() {
    let guest = wat(GREETER);
    let world = "package root:component;\n\nworld root {\n  import demo:host/log@1.2.0;\n\n  export twice: func(n: u32) -> \
                 u32;\n}\n\npackage demo:host@1.2.0 {\n  interface log {\n    write: func(line: string);\n  }\n}\n";
    assert!(text_of(&guest).ends_with(&format!("\nworld\n{world}")), "{}", text_of(&guest));
    let report = json_of(&guest);
    assert_eq!((report["wit"].as_str(), &report["wit_error"]), (Some(world), &Value::Null));
    let output = inspect(&guest, &["--wit"]);
    assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap().as_str()), (Some(0), world));

    // The interfaces of WASI would hide what is the guest's own.
    let command = component(&module(), adapters()[0].2);
    let text = text_of(&command);
    assert!(text.contains("\n  import wasi:io/streams@0.2.0;\n") && !text.contains("resource output-stream"), "{text}");
    assert!(text.lines().last().unwrap().starts_with("--wit also shows what it uses of wasi:"), "{text}");
    let all = String::from_utf8(inspect(&command, &["--wit"]).stdout).unwrap();
    assert!(all.contains("resource output-stream") && json_of(&command)["wit"] == all, "{all}");
}

#[test]
fn what_has_no_wit_is_reported() {
    let report = json_of(&module());
    assert_eq!((&report["wit"], &report["wit_error"]), (&Value::Null, &Value::Null));
    assert_eq!(inspect(&module(), &["--wit"]).status.code(), Some(2));
    let guest = wat(r#"(component (core module $m) (export "m" (core module $m)))"#);
    let report = json_of(&guest);
    let error = report["wit_error"].as_str().unwrap();
    assert!(report["wit"].is_null() && error.starts_with("the component cannot be described in WIT: "), "{report}");
    assert!(text_of(&guest).contains(&format!("\nno WIT: {error}\n")));
    assert_eq!(inspect(&guest, &["--wit"]).status.code(), Some(2));
}
