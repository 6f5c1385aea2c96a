//! The launcher in Python that the guide explains, with this command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::majors::enabled;
use tempfile::{TempDir, tempdir};

use crate::user::tool;

/// The folder of the launcher and its guest.
fn launcher() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/launcher")
}

/// Whether there is a Python to run the launcher with. In CI a missing one is a failure.
fn has_python() -> bool {
    let found = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(found || std::env::var_os("CI").is_none(), "there is no python3: install it, the launcher is tested in CI");
    if !found {
        eprintln!("not run: there is no python3");
    }
    found
}

/// A folder with the directories `work` and `share`, and a file.
fn place() -> TempDir {
    let root = tempdir().unwrap();
    fs::create_dir(root.path().join("work")).unwrap();
    fs::create_dir(root.path().join("share")).unwrap();
    fs::write(root.path().join("file"), "").unwrap();
    root
}

/// The launcher with a guest of these arguments, separated by blanks.
fn launch(root: &Path, guest: &Path, line: &str) -> Output {
    Command::new("python3")
        .arg(launcher().join("launcher.py"))
        .arg(guest)
        .args(line.split_whitespace())
        .env("WASMTIME_COMPAT", tool().get_program())
        .current_dir(root)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn what_is_missing_is_reported_before_a_guest_is_started() {
    if !has_python() {
        return;
    }
    let root = place();
    let line = "--work gone --share share --share nowhere --cache file/cache";
    let output = launch(root.path(), &launcher().join("guest.wat"), line);
    let errors = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(126), String::new()), "{errors}");
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines.len(), 3, "{errors}");
    let shown = |name: &str| root.path().join(name).display().to_string();
    for (line, (name, guest, reason)) in
        lines.iter().zip([("gone", "/work", "missing"), ("file/cache", "/cache", "not-a-directory")])
    {
        let start = format!("launcher: cannot use {} for {guest}: {reason}; ", shown(name));
        assert!(line.starts_with(&start), "{line}");
    }
    assert_eq!(lines[2], format!("launcher: left out {} for /share1: missing", shown("nowhere")));
}

#[test]
fn a_guest_gets_the_directories_that_are_there() {
    if !has_python() || enabled().is_empty() {
        return;
    }
    for wasmtime in ["oldest", "newest"] {
        let root = place();
        let line =
            format!("--work work --share share --share nowhere --cache new/cache --wasmtime {wasmtime} -- argument");
        let output = launch(root.path(), &launcher().join("guest.wat"), &line);
        let errors = text(&output.stderr);
        assert_eq!((output.status.code(), &*text(&output.stdout)), (Some(0), "3 directories\n"), "{errors}");
        let nowhere = root.path().join("nowhere");
        assert_eq!(errors, format!("launcher: left out {} for /share1: missing\n", nowhere.display()));
        assert!(root.path().join("new/cache").is_dir());
    }
}

#[test]
fn every_end_of_a_guest_has_its_exit_code() {
    if !has_python() || enabled().is_empty() {
        return;
    }
    let root = place();
    // The guest's own 2 is not that of an invalid command line.
    let exit = |code: i32| {
        format!(
            r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const {code}))))"#
        )
    };
    let trap = r#"(module (func (export "_start") unreachable))"#.to_owned();
    for (code, guest) in [(0, exit(0)), (2, exit(2)), (7, exit(7)), (134, trap)] {
        let path = root.path().join("guest.wat");
        fs::write(&path, guest).unwrap();
        let output = launch(root.path(), &path, "");
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    }
    let output = launch(root.path(), &root.path().join("none.wat"), "");
    assert_eq!(output.status.code(), Some(126), "{}", text(&output.stderr));
    let output = launch(root.path(), &root.path().join("guest.wat"), "--wasmtime 7");
    assert!(text(&output.stderr).contains("\nlauncher: "), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
}
