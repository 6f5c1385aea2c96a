//! The command `probe` as a user sees it.

use std::path::Path;
use std::process::{Command, Output};

use crate::majors::enabled;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::shared::{adapters, component, nest};

/// A guest, by the version of its adapter, or without one, and three directories.
fn scene(adapter: Option<&str>) -> TempDir {
    let root = tempdir().unwrap();
    for name in ["source", "data", "out"] {
        std::fs::create_dir(root.path().join(name)).unwrap();
    }
    std::fs::write(root.path().join("data/in.txt"), "text").unwrap();
    let guest = wat::parse_str(GUEST).unwrap();
    let adapter =
        adapters().into_iter().find(|(version, flavour, _)| (Some(*version), *flavour) == (adapter, "command"));
    let wasm = adapter.map_or(guest.clone(), |(_, _, bytes)| component(&guest, bytes));
    std::fs::write(root.path().join("guest.wasm"), wasm).unwrap();
    root
}

const GUEST: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_prestat_get" (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start") unreachable))"#;

const DIRS: [&str; 6] = ["--dir", "source::/source", "--ro-dir", "data::/data", "--create-dir", "out::/out"];

fn probe(root: &Path, arguments: &[&str]) -> Output {
    let mut tool = Command::new(env!("CARGO_BIN_EXE_wasmtime-compat"));
    tool.arg("probe").args(arguments).current_dir(root).env_remove("COLUMNS").output().unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    })
}

fn on_all(root: &Path, arguments: &[&str]) -> (Option<i32>, Value) {
    let arguments = [&["--json", "--wasmtime", "all"], &DIRS[..], arguments].concat();
    let output = probe(root, &arguments);
    let report = json_of(&output);
    assert_eq!(report["schema"], 1);
    assert_eq!(report["probes"].as_array().unwrap().len(), enabled().len());
    (output.status.code(), report)
}

#[test]
#[cfg_attr(not(feature = "_runtime"), ignore = "no major is compiled in")]
fn an_affected_adapter_is_shown_to_tell_a_wrong_name() {
    let root = scene(Some("24.0.13"));
    let (code, report) = on_all(root.path(), &["guest.wasm"]);
    assert_eq!((code, &report["ok"], &report["method"]), (Some(1), &json!(false), &json!("spliced")));
    assert_eq!(report["guest"]["kind"], "component");
    let adapter = &report["adapter"];
    assert_eq!((&adapter["identity"], &adapter["flavour"]), (&json!("24.0.13"), &json!("command")));
    assert!(adapter["affected"].as_array().unwrap().contains(&json!("preopen-names")));
    for probe in report["probes"].as_array().unwrap() {
        assert_eq!(
            (&probe["verdict"], &probe["reason"], &probe["cut_short"]),
            (&json!("wrong"), &json!(null), &json!(null))
        );
        let told: Vec<_> = probe["probed"].as_array().unwrap().iter().map(|it| (&it["name"], &it["seen"])).collect();
        let (right, wrong) = (json!("right"), json!("wrong"));
        let seen = [json!("/source"), json!("/outa"), json!("/out")];
        assert_eq!(told, [(&right, &seen[0]), (&wrong, &seen[1]), (&right, &seen[2])]);
        let data = &probe["probed"][1];
        assert_eq!((&data["fd"], &data["ok"], &data["access"]), (&json!(4), &json!(false), &json!("ro")));
        assert_eq!((&data["directory"], &data["directory_errno"]), (&json!("opened"), &json!(null)));
        assert_eq!(data["file"], json!({ "name": "in.txt", "opened": "opened", "errno": null }));
        assert_eq!(probe["probed"][0]["file"], json!(null));
        assert_eq!(probe["preopens"][2]["policy"], "create");
    }
}

#[test]
#[cfg_attr(not(feature = "_runtime"), ignore = "no major is compiled in")]
fn good_adapters_modules_and_no_guest_are_right() {
    // An adapter of an old WASI would do on every host, but all of those have the flaw: the newest host serves all.
    for (adapter, method) in [(Some("29.0.1"), "spliced"), (Some("48.0.8"), "spliced"), (None, "built-in")] {
        let root = scene(adapter);
        let arguments = [&["--json"], &DIRS[..], &["guest.wasm"]].concat();
        let output = probe(root.path(), &arguments);
        let report = json_of(&output);
        if report["probes"][0]["reason"] == "link" && adapter.is_some() {
            assert!(enabled().last().unwrap().major() < 19, "{report}");
            continue;
        }
        assert_eq!((output.status.code(), &report["ok"]), (Some(0), &json!(true)), "{report}");
        assert_eq!(report["method"], method);
    }
    let (code, report) = on_all(scene(None).path(), &[]);
    assert_eq!((code, &report["guest"], &report["method"]), (Some(0), &json!(null), &json!("built-in")), "{report}");
}

#[test]
#[cfg_attr(not(feature = "_runtime"), ignore = "no major is compiled in")]
fn text_is_a_verdict_and_a_table() {
    let root = scene(Some("24.0.13"));
    let output = probe(root.path(), &[&["--wasmtime", "all"], &DIRS[..], &["guest.wasm"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("wrong: "), "{text}");
    assert!(lines.next().unwrap().ends_with("command, 24.0.13"), "{text}");
    assert_eq!(text.matches("Wasmtime ").count(), 1, "majors that agree share a table: {text}");
    let row = |name: &str| text.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
    assert_eq!(
        row("/data ").split_whitespace().collect::<Vec<_>>(),
        ["/data", "/outa", "4", "wrong", "opened", "in.txt", "opened"]
    );
    assert_eq!(row("guest ").find("seen as"), row("/data ").find("/outa"), "{text}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("29.0.1"), "a hint at the way out");
}

#[test]
#[cfg_attr(not(feature = "_runtime"), ignore = "no major is compiled in")]
fn what_is_not_probed_says_why() {
    let root = scene(Some("24.0.13"));
    let output = probe(root.path(), &["--json", "--dir", "missing::/x", "guest.wasm"]);
    let report = json_of(&output);
    assert_eq!((output.status.code(), &report["ok"]), (Some(126), &json!(false)));
    let only = &report["probes"][0];
    assert_eq!((&only["verdict"], &only["reason"]), (&json!("not-probed"), &json!("preopens")));
    assert_eq!(only["preopens"][0]["reason"], "missing");

    let composed = nest(&[&std::fs::read(root.path().join("guest.wasm")).unwrap()]);
    std::fs::write(root.path().join("composed.wasm"), composed).unwrap();
    let (code, report) = on_all(root.path(), &["composed.wasm"]);
    assert_eq!((code, &report["method"]), (Some(126), &json!(null)));
    assert_eq!(report["probes"][0]["reason"], "composed");
    let text = probe(root.path(), &["composed.wasm"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("several components"));
}

#[test]
#[cfg_attr(not(feature = "_runtime"), ignore = "no major is compiled in")]
fn what_the_guest_does_not_use_is_not_praised() {
    let headline = |imports: &[&str]| {
        let root = scene(None);
        let imports: String =
            imports.iter().map(|import| format!(r#"(import "wasi_snapshot_preview1" {import})"#)).collect();
        let module = format!(r#"(module {imports} (memory (export "memory") 1) (func (export "_start")))"#);
        let (_, _, adapter) = adapters()[0];
        std::fs::write(root.path().join("guest.wasm"), component(&wat::parse_str(module).unwrap(), adapter)).unwrap();
        let output = probe(root.path(), &["--dir", "data::/data", "guest.wasm"]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().next().unwrap().to_owned()
    };
    let name = r#""fd_prestat_dir_name" (func (param i32 i32 i32) (result i32))"#;
    let preopen = r#""fd_prestat_get" (func (param i32 i32) (result i32))"#;
    let open = r#""path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))"#;
    let write = r#""fd_write" (func (param i32 i32 i32 i32) (result i32))"#;
    let all = headline(&[preopen, name, open, write]);
    assert_eq!(all, "good: every preopen has its name and can be opened");
    assert_eq!(headline(&[preopen, name, write]), "good: every preopen has its name; the guest opens no file");
    assert_eq!(headline(&[preopen, open, write]), "good: every preopen can be opened; the guest queries no name");
    assert_eq!(headline(&[preopen]), "good: the guest queries no name and opens no file");
}

#[cfg(unix)]
#[test]
#[cfg_attr(not(feature = "_runtime"), ignore = "no major is compiled in")]
fn names_with_line_ends_do_not_break_the_table() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("a\nb"), "").unwrap();
    let output = probe(root.path(), &["--dir", ".::/x\ty\nz"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(r#""/x\ty\nz""#), "{text}");
    assert!(text.contains(r#""a\nb" opened"#), "{text}");
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    let root = scene(None);
    std::fs::write(root.path().join("bad.wasm"), b"\0asm\x09\0\0\0").unwrap();
    if !enabled().is_empty() {
        assert_eq!(probe(root.path(), &["bad.wasm"]).status.code(), Some(2));
        assert_eq!(probe(root.path(), &["absent.wasm"]).status.code(), Some(2));
        assert_eq!(probe(root.path(), &["--wasmtime", "7"]).status.code(), Some(2));
    }
    assert_eq!(probe(root.path(), &["--nonsense"]).status.code(), Some(2));
}
