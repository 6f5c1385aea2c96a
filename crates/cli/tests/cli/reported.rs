//! Inputs of a report on an earlier version that are about the command line: a guest that once ended `compare`, a component that
//! doubles, files that are odd, numbers at their limits, and directories that change while they are created.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::tempdir;

use crate::majors::enabled;
use crate::user::tool;

const NOTHING: &str = r#"(module (func (export "_start")))"#;

/// Runs a command line, whose words have no spaces.
fn run(root: &Path, line: &str) -> Output {
    tool().current_dir(root).args(line.split(' ')).output().unwrap()
}

/// Asserts the exit code and some words of what is printed.
#[track_caller]
fn refused(root: &Path, line: &str, code: i32, words: &str) {
    let output = run(root, line);
    let all = [output.stdout, output.stderr].concat();
    let shown = String::from_utf8_lossy(&all);
    assert_eq!(output.status.code(), Some(code), "{line}: {shown}");
    assert!(shown.contains(words), "{line}: {shown}");
}

/// On majors without the bounds of this crate each of these ends the process.
#[test]
fn compare_survives_guests_that_request_too_much() {
    let root = tempdir().unwrap();
    let guests = [
        ("table.wat", "(table $t 1 funcref)", "(drop (table.grow $t (ref.null func) (i32.const 0xfffffff0)))"),
        ("poll.wat", "", "(drop (call $poll (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0)))"),
    ];
    for (name, definitions, body) in guests {
        let text = format!(
            r#"(module
                (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
                (memory (export "memory") 1) {definitions} (func (export "_start") {body}))"#
        );
        fs::write(root.path().join(name), text).unwrap();
        for options in ["", "--no-isolate "] {
            let output = run(root.path(), &format!("compare --json {options}{name}"));
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            let runs = report["runs"].as_array().unwrap();
            assert_eq!(runs.len(), enabled().len());
            for run in runs {
                assert_eq!((&run["outcome"], &run["code"]), (&"exited".into(), &0.into()), "{name}: {run}");
            }
            assert_eq!((output.status.code(), &report["agree"]), (Some(0), &true.into()), "{report}");
        }
    }
}

/// Each component instantiates the one before twice.
#[test]
fn a_component_that_doubles_is_refused_by_every_command() {
    let root = tempdir().unwrap();
    let lines: String = (1..=30)
        .map(|n| {
            let before = n - 1;
            format!(
                "(component $c{n} (alias outer $top $c{before} (component $p))
                    (instance (instantiate $p)) (instance (instantiate $p)))"
            )
        })
        .collect();
    let text = format!(
        r#"(component $top (component $c0) {lines} (instance (instantiate $c30))
            (core module $main (func (export "run") (result i32) (i32.const 0)))
            (core instance $main (instantiate $main))
            (func $run (result (result)) (canon lift (core func $main "run")))
            (instance $exported (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exported)))"#
    );
    fs::write(root.path().join("doubles.wat"), text).unwrap();
    for (line, code) in [
        ("run --timeout 3s doubles.wat", 126),
        ("compare --timeout 3s doubles.wat", 2),
        ("inspect doubles.wat", 2),
        ("probe doubles.wat", 2),
        ("readapt -o fixed.wasm doubles.wat", 2),
    ] {
        let started = Instant::now();
        refused(root.path(), line, code, "too complex");
        assert!(started.elapsed() < Duration::from_secs(10), "{line}");
    }
}

#[test]
fn odd_files_are_typed_errors() {
    let root = tempdir().unwrap();
    symlink("self", root.path().join("self")).unwrap();
    fs::write(root.path().join("ok.wat"), NOTHING).unwrap();
    let links = "symbolic links";
    let unusable = "preopened directories cannot be used";
    for (line, code, words) in [
        ("run self", 126, links),
        ("inspect self", 2, links),
        ("run --stdin self ok.wat", 126, links),
        ("run --stdin . ok.wat", 126, "is a directory"),
        ("run --dir self ok.wat", 126, unusable),
        ("run --dir ok.wat ok.wat", 126, unusable),
        ("run --dir /dev/null ok.wat", 126, unusable),
        ("readapt -o self self", 2, links),
    ] {
        refused(root.path(), line, code, words);
    }
    let read = "cannot read the guest \"/proc/self/mem\"";
    if cfg!(target_os = "linux") {
        refused(root.path(), "run /proc/self/mem", 126, read);
        refused(root.path(), "inspect /proc/self/mem", 2, read);
        refused(root.path(), "run --dir /proc/self/mem ok.wat", 126, unusable);
        refused(root.path(), "run /dev/full", 126, "the path is a device, not a regular file");
        assert_eq!(run(root.path(), "run --stdin /proc/self/mem ok.wat").status.code(), Some(0));
    }
}

#[test]
fn numbers_at_and_above_their_limits() {
    let root = tempdir().unwrap();
    fs::write(root.path().join("ok.wat"), NOTHING).unwrap();
    for (options, code) in [
        ("run --timeout=0s", 124),
        ("run --timeout=18446744073709551615s", 2),
        ("run --timeout=18446744073709551616s", 2),
        ("run --timeout=1e30s", 2),
        ("run --timeout=-1s", 2),
        ("run --fuel=0", 134),
        ("run --fuel=18446744073709551615", 0),
        ("run --fuel=18446744073709551616", 2),
        ("run --fuel=-1", 2),
        ("compare --capture-limit=0", 0),
        ("compare --capture-limit=18446744073709551615", 0),
        ("compare --capture-limit=18446744073709551616", 2),
        ("compare --capture-limit=-1", 2),
    ] {
        let output = run(root.path(), &format!("{options} ok.wat"));
        assert_eq!(output.status.code(), Some(code), "{options}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A thread makes the directory a link, a file, and removes it: the guest starts, or the directory is refused.
#[test]
fn a_directory_that_changes_while_it_is_created() {
    let root = tempdir().unwrap();
    fs::write(root.path().join("ok.wat"), NOTHING).unwrap();
    let path = root.path().join("new");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Each step may fail, depending on what the command line has made.
            while !done.load(Ordering::Relaxed) {
                let _ = symlink("nowhere", &path);
                let _ = fs::remove_file(&path);
                let _ = fs::write(&path, "");
                let _ = fs::remove_file(&path);
                let _ = fs::remove_dir(&path);
            }
        });
        let codes: Vec<_> = (0..40).map(|_| run(root.path(), "run --create-dir new ok.wat").status.code()).collect();
        done.store(true, Ordering::Relaxed);
        assert!(codes.iter().all(|code| matches!(code, Some(0 | 126))), "{codes:?}");
    });
}
