//! Paths on the command line, on every system: what Windows does differently stands beside what others do.

use std::path::Path;
use std::process::{Command, Output};

use crate::majors::enabled;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// A directory with the directories `good` and `good/sub`, and the files `file` and `guest.wat`.
fn place() -> TempDir {
    let root = tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("good/sub")).unwrap();
    std::fs::write(root.path().join("file"), "").unwrap();
    std::fs::write(root.path().join("guest.wat"), r#"(module (func (export "_start")))"#).unwrap();
    root
}

fn tool(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wasmtime-compat")).args(arguments).current_dir(root).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The first preopen in the report about these arguments.
fn preopen(root: &Path, arguments: &[&str]) -> Value {
    let output = tool(root, &[&["preopens", "--json"], arguments].concat());
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)));
    report["preopens"][0].clone()
}

/// Twenty paths, and what is reported about each on Windows and elsewhere.
const PATHS: [(&str, &str, &str); 20] = [
    ("good", "ok", "ok"),
    ("good/", "ok", "ok"),
    ("good/sub/..", "ok", "ok"),
    ("GOOD", "ok", "missing"),
    (r"good\sub", "ok", "missing"),
    ("good.", "ok", "missing"),
    ("gone", "missing", "missing"),
    ("file", "not-a-directory", "not-a-directory"),
    ("file/", "not-a-directory", "not-a-directory"),
    ("file/x", "not-a-directory", "not-a-directory"),
    ("file/x/y", "not-a-directory", "not-a-directory"),
    ("/dev/null", "missing", "not-a-directory"),
    ("NUL", "not-a-directory", "missing"),
    ("good/con", "not-a-directory", "missing"),
    (r"\\.\NUL", "not-a-directory", "missing"),
    ("a<b", "io", "missing"),
    ("a?", "io", "missing"),
    (r"\\server", "io", "missing"),
    (r"\\?\C:/x", "io", "missing"),
    ("file:stream", "not-a-directory", "missing"),
];

#[test]
fn twenty_paths_on_two_systems() {
    let root = place();
    let mut wrong = Vec::new();
    for (path, windows, other) in PATHS {
        let expected = match path {
            // To Wine the directory is below the root of Linux, and so is the path.
            "/dev/null" if std::env::var_os("WASMTIME_COMPAT_PLATFORM").is_some_and(|name| name == "wine") => "io",
            _ if cfg!(windows) => windows,
            // Whether names differ in case is up to the file system.
            "GOOD" if root.path().join(path).exists() => windows,
            _ => other,
        };
        let found = preopen(root.path(), &["--dir", &format!("{path}::/x")]);
        println!("{path}: {found}");
        let seen = found["reason"].as_str().unwrap_or("ok");
        if seen != expected {
            wrong.push(format!("{path}: {seen}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_guest_path_that_was_not_given_has_slashes() {
    let root = place();
    let found = preopen(root.path(), &["--dir", r"good\sub"]);
    assert_eq!(found["guest"], if cfg!(windows) { "good/sub" } else { r"good\sub" });
    assert_eq!(found["host"], r"good\sub");
    assert_eq!(preopen(root.path(), &["--dir", r"good::a\b"])["guest"], r"a\b");
}

#[test]
fn the_first_of_three_colons_is_of_the_drive() {
    let found = preopen(place().path(), &["--dir", "C:::/a"]);
    let expected = if cfg!(windows) { ("C:", "/a") } else { ("C", ":/a") };
    assert_eq!((found["host"].as_str(), found["guest"].as_str()), (Some(expected.0), Some(expected.1)));
}

#[test]
fn what_is_not_a_regular_file_is_not_a_guest() {
    let root = place();
    let device = if cfg!(windows) { "NUL" } else { "/dev/null" };
    for (path, what) in [("good", "a directory"), (device, "a device")] {
        let output = tool(root.path(), &["inspect", path]);
        assert_eq!(output.status.code(), Some(2));
        let expected = format!("cannot read the guest \"{path}\": the path is {what}, not a regular file");
        assert!(stderr(&output).contains(&expected), "{}", stderr(&output));
    }
    let missing = root.path().join("missing.wasm").display().to_string();
    let output = tool(root.path(), &["inspect", &missing]);
    assert!(stderr(&output).contains(&format!("cannot read the guest \"{missing}\": ")), "{}", stderr(&output));
}

#[test]
fn a_guest_reads_from_a_device_on_every_major() {
    let root = place();
    let device = if cfg!(windows) { "NUL" } else { "/dev/null" };
    for wasmtime in enabled() {
        let major = wasmtime.major().to_string();
        let run = |stdin| tool(root.path(), &["run", "--wasmtime", &major, "--stdin", stdin, "guest.wat"]);
        let output = run(device);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let output = run("good");
        assert_eq!(output.status.code(), Some(126), "{}", stderr(&output));
        assert!(stderr(&output).contains("cannot open standard input \"good\": is a directory"), "{}", stderr(&output));
    }
}

#[test]
fn a_refused_guest_is_explained_with_paths_that_can_be_pasted() {
    let root = place();
    let missing = root.path().join("missing").display().to_string();
    for wasmtime in enabled() {
        let major = wasmtime.major().to_string();
        let output = tool(root.path(), &["run", "--wasmtime", &major, "--dir", &format!("{missing}::/x"), "guest.wat"]);
        assert_eq!(output.status.code(), Some(126), "{}", stderr(&output));
        assert!(stderr(&output).contains(&format!("\"{missing}\" for \"/x\": missing")), "{}", stderr(&output));
        assert!(cfg!(unix) || !stderr(&output).contains("chmod"), "{}", stderr(&output));
    }
}
