//! The command `readapt` as a user sees it: what it writes, prints and exits with.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::tempdir;
use wasmtime_compat::report::{AdapterIdentity, GuestReport};

use crate::shared::{adapters, component, module, nest, strip, without_lines};

fn readapt(root: &Path, flags: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasmtime-compat"));
    command.args(["readapt", "guest.wasm", "-o", "fixed.wasm"]).args(flags).current_dir(root).output().unwrap()
}

fn value(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn identity(path: &Path) -> AdapterIdentity {
    GuestReport::parse(&std::fs::read(path).unwrap()).unwrap().adapters.remove(0).identity
}

#[test]
fn a_flawed_guest_is_written_anew() {
    let root = tempdir().unwrap();
    let guest = component(&module(), adapters()[0].2);
    std::fs::write(root.path().join("guest.wasm"), &guest).unwrap();

    let output = readapt(root.path(), &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report = value(&output);
    assert_eq!((&report["schema"], &report["output"]), (&1.into(), &"fixed.wasm".into()));
    assert_eq!(report["before"]["identity"], json!({ "exact": "24.0.13" }));
    let after = report["after"]["identity"]["exact"].as_str().unwrap();
    assert_eq!(identity(&root.path().join("fixed.wasm")), AdapterIdentity::Exact(after.parse().unwrap()));
    assert_eq!(report["after"]["issues"][0]["status"], "not-affected");
    assert_eq!(report["wasi_before"], json!(["0.2.0"]));
    assert_eq!(std::fs::read(root.path().join("guest.wasm")).unwrap(), guest);
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 2, "something is left behind");

    let output = readapt(root.path(), &["--adapter", after]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with(&format!("done: adapter command 24.0.13 replaced by command {after}")), "{text}");
    assert!(text.contains("fixed: preopen-names"), "{text}");
    // No adapter is free of it, so it is not claimed to be repaired.
    assert!(text.contains("remains: long-string-abort") && !text.contains("fixed: long-string-abort"), "{text}");
}

#[test]
#[cfg(unix)]
fn what_is_at_the_output_stays_what_it_is() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    let root = tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    std::fs::write(at("guest.wasm"), component(&module(), adapters()[0].2)).unwrap();

    std::fs::write(at("private.wasm"), "old").unwrap();
    std::fs::set_permissions(at("private.wasm"), std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("private.wasm", at("fixed.wasm")).unwrap();
    let output = readapt(root.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(at("fixed.wasm").is_symlink());
    assert_eq!(std::fs::metadata(at("private.wasm")).unwrap().permissions().mode() & 0o777, 0o640);
    let written = std::fs::read(at("private.wasm")).unwrap();
    assert!(GuestReport::parse(&written).is_ok());

    std::fs::remove_file(at("fixed.wasm")).unwrap();
    symlink("new.wasm", at("fixed.wasm")).unwrap();
    assert_eq!(readapt(root.path(), &[]).status.code(), Some(0));
    assert!(at("fixed.wasm").is_symlink());
    assert_eq!(std::fs::read(at("new.wasm")).unwrap(), written);

    std::fs::remove_file(at("fixed.wasm")).unwrap();
    assert!(Command::new("mkfifo").arg(at("fixed.wasm")).status().unwrap().success());
    let fifo = at("fixed.wasm");
    let reader = std::thread::spawn(move || std::fs::read(fifo).unwrap());
    assert_eq!(readapt(root.path(), &[]).status.code(), Some(0));
    assert!(std::fs::symlink_metadata(at("fixed.wasm")).unwrap().file_type().is_fifo());
    assert_eq!(reader.join().unwrap(), written);
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 4, "something is left behind");
}

#[test]
fn an_adapter_can_be_given_as_a_file() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("guest.wasm"), component(&module(), adapters()[0].2)).unwrap();
    std::fs::write(root.path().join("good.wasm"), adapters()[6].2).unwrap();
    std::fs::write(root.path().join("bad.wasm"), adapters()[0].2).unwrap();

    let output = readapt(root.path(), &["--adapter", "good.wasm"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(identity(&root.path().join("fixed.wasm")), AdapterIdentity::Exact("36.0.20".parse().unwrap()));

    std::fs::remove_file(root.path().join("fixed.wasm")).unwrap();
    let output = readapt(root.path(), &["--json", "--adapter", "bad.wasm"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(value(&output)["refusal"], "replacement");
    assert!(!root.path().join("fixed.wasm").exists());

    let output = readapt(root.path(), &["--adapter", "gone.wasm"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("gone.wasm"));
}

#[test]
fn a_version_that_is_not_embedded_is_a_usage_error() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("guest.wasm"), component(&module(), adapters()[0].2)).unwrap();
    let output = readapt(root.path(), &["--json", "--adapter", "36.0.20"]);
    assert_eq!(output.status.code(), Some(2));
    let failure = value(&output);
    assert_eq!(failure["refusal"], "not-embedded");
    assert!(failure["error"].as_str().unwrap().contains("is not embedded"), "{failure}");
}

#[test]
fn what_cannot_be_done_again_is_refused_by_name() {
    let root = tempdir().unwrap();
    let flawed = component(&module(), adapters()[0].2);
    for (wasm, code, refusal) in [
        (module(), 1, json!("module")),
        (nest(&[]), 1, json!("no-adapter")),
        (nest(&[&flawed]), 1, json!("composed")),
        (nest(&[&flawed, &flawed]), 1, json!("several-adapters")),
        (flawed[..flawed.len() - 1].to_vec(), 2, Value::Null),
    ] {
        std::fs::write(root.path().join("guest.wasm"), wasm).unwrap();
        let output = readapt(root.path(), &["--json"]);
        assert_eq!(output.status.code(), Some(code), "{refusal}");
        assert_eq!(value(&output)["refusal"], refusal);
        assert!(!root.path().join("fixed.wasm").exists());
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: "));
    }
}

#[test]
fn an_unknown_adapter_is_replaced_if_it_is_assumed_to_be_known() {
    let root = tempdir().unwrap();
    let guest = without_lines(&strip(&component(&module(), adapters()[0].2)));
    std::fs::write(root.path().join("guest.wasm"), guest).unwrap();

    let output = readapt(root.path(), &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let failure = value(&output);
    assert_eq!(failure["refusal"], "unknown-adapter");
    assert!(failure["hint"].as_str().unwrap().contains("--assume-adapter"), "{failure}");

    for (assumed, status) in [("command", "unknown"), ("24.0.13", "affected")] {
        let output = readapt(root.path(), &["--json", "--assume-adapter", assumed]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let report = value(&output);
        assert_eq!(report["assumed"], assumed);
        assert_eq!(report["before"]["identity"], json!({ "unknown": true }));
        assert_eq!(report["before"]["issues"][0]["status"], status);
        assert!(matches!(identity(&root.path().join("fixed.wasm")), AdapterIdentity::Exact(_)));
        let text = String::from_utf8(readapt(root.path(), &["--assume-adapter", assumed]).stdout).unwrap();
        assert!(text.contains("assumed: ") && text.contains("the user assumed"), "{text}");
    }

    let output = readapt(root.path(), &["--json", "--assume-adapter", "reactor"]);
    assert_eq!((output.status.code(), &value(&output)["refusal"]), (Some(1), &json!("replacement")));
    assert_eq!(readapt(root.path(), &["--assume-adapter", "newest"]).status.code(), Some(2));
    let output = readapt(root.path(), &["--json", "--assume-adapter", "0.0.0"]);
    assert_eq!((output.status.code(), &value(&output)["refusal"]), (Some(1), &json!("unknown-version")));

    // What contradicts an adapter that is recognised is ignored, and the report says so.
    std::fs::write(root.path().join("guest.wasm"), component(&module(), adapters()[0].2)).unwrap();
    for (assumed, contradicted) in [("reactor", json!("reactor")), ("command", json!(null))] {
        let report = value(&readapt(root.path(), &["--json", "--assume-adapter", assumed]));
        assert_eq!((&report["assumed"], &report["contradicted"]), (&json!(null), &contradicted), "{report}");
        let text = String::from_utf8(readapt(root.path(), &["--assume-adapter", assumed]).stdout).unwrap();
        assert_eq!(text.contains("ignored: the assumption reactor"), assumed == "reactor", "{text}");
    }
}
