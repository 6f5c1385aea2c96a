//! Preopens as an ordinary user sees them on the command line: what cannot be written, listed or made.

use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::{Command, Output};

use crate::majors::enabled;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};
use wasmtime_compat::wasi::{Preopen, Preopens, Reason, Verdict};

use crate::user::{ORDINARY, as_ordinary_user, is_root, tool_as_ordinary_user};

/// The modes of the directories in `place`, which are named by them.
const MODES: [&str; 8] = ["0400", "0500", "0600", "0700", "0100", "0300", "0000", "0555"];

/// Reads the file `file` of its first preopen, creates `new`, and lists it. Its output is one digit for each: the errno.
const GUEST: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_readdir" (func $list (param i32 i32 i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\64\00\00\00\03\00\00\00")
    (data (i32.const 200) "filenew")
    (func $digit (param i32 i32) (i32.store8 (local.get 0) (i32.add (i32.const 48) (local.get 1))))
    (func (export "_start")
        (call $digit (i32.const 100) (call $open (i32.const 3) (i32.const 0) (i32.const 200) (i32.const 4) (i32.const 0)
            (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 24)))
        (call $digit (i32.const 101) (call $open (i32.const 3) (i32.const 0) (i32.const 204) (i32.const 3) (i32.const 1)
            (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 24)))
        (call $digit (i32.const 102)
            (call $list (i32.const 3) (i32.const 1000) (i32.const 1000) (i64.const 0) (i32.const 24)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

/// A directory of each mode, with a file in it, and the guest. All but `0555` belong to the ordinary user.
fn place() -> TempDir {
    let root = tempdir().unwrap();
    set_mode(root.path(), 0o755);
    std::fs::write(root.path().join("guest.wat"), GUEST).unwrap();
    for mode in MODES {
        let path = root.path().join(mode);
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("file"), "text").unwrap();
        if is_root() && mode != "0555" {
            chown(&path, Some(ORDINARY), Some(ORDINARY)).unwrap();
        }
        set_mode(&path, u32::from_str_radix(mode, 8).unwrap());
    }
    root
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// The tool as an ordinary user with these arguments, separated by blanks.
fn run(root: &Path, line: &str) -> Output {
    tool_as_ordinary_user(root).args(line.split_whitespace()).current_dir(root).output().unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    })
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Verdict, reasons and reasons of the warnings of each preopen.
fn found(report: &Value) -> Vec<(&str, Vec<&str>, Vec<&str>)> {
    let entries = report["preopens"].as_array().unwrap().iter();
    let found = entries.map(|entry| {
        let reasons = entry["reasons"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap());
        let warnings = entry["warnings"].as_array().unwrap().iter();
        let warnings = warnings.map(|warning| warning["reason"].as_str().unwrap());
        (entry["verdict"].as_str().unwrap(), reasons.collect(), warnings.collect())
    });
    found.collect()
}

#[test]
fn every_mode_is_reported_for_what_it_permits() {
    let root = place();
    let dirs = MODES.map(|mode| format!("--dir {mode}::/{mode}")).join(" ");
    let (search, read, write) = ("not-searchable", "not-readable", "not-writable");
    let output = run(root.path(), &format!("preopens --json {dirs}"));
    assert_eq!(output.status.code(), Some(1));
    let expected = [
        ("error", vec![search], vec![write]),
        ("ok", vec![], vec![write]),
        ("error", vec![search], vec![]),
        ("ok", vec![], vec![]),
        ("error", vec![read], vec![write]),
        ("error", vec![read], vec![]),
        ("error", vec![read, search], vec![write]),
        ("ok", vec![], vec![write]),
    ];
    assert_eq!(found(&report(&output)), expected);
    // Nothing was written to find out.
    assert_eq!(std::fs::read_dir(root.path().join("0700")).unwrap().count(), 1);

    let output = run(root.path(), &format!("preopens --json --check-write {dirs}"));
    let expected = expected.map(|(_, reasons, warnings)| [reasons, warnings].concat());
    let checked = report(&output);
    let reasons: Vec<_> = found(&checked).into_iter().map(|(_, reasons, _)| reasons).collect();
    assert_eq!((output.status.code(), reasons), (Some(1), expected.to_vec()));
    // What the guest may only read need not be written.
    let output = run(root.path(), "preopens --json --check-write --ro-dir 0555 --ro-dir 0500");
    assert_eq!((output.status.code(), found(&report(&output))), (Some(0), vec![("ok", vec![], vec![]); 2]));
}

/// The part of [`the_library_reports_the_same`] that runs as an ordinary user.
fn check_in(root: &Path) {
    let found = |preopens: Preopens| {
        let report = preopens.check().unwrap_or_else(|errors| errors.report().clone());
        let entries = report.entries().iter();
        let warnings = |status: &wasmtime_compat::wasi::PreopenStatus| {
            status.warnings.iter().map(|warning| warning.reason).collect::<Vec<_>>()
        };
        entries.map(|status| (status.verdict, status.reason(), warnings(status))).collect::<Vec<_>>()
    };
    let (write, read) = (Reason::NotWritable, Reason::NotReadable);
    let preopen = |mode: &str, guest: &str| Preopen::new(root.join(mode), guest);
    let two = || [preopen("0555", "/a"), preopen("0555", "/b").require_write()];
    let (warning, error) = ((Verdict::Ok, None, vec![write]), (Verdict::Error, Some(write), vec![]));
    assert_eq!(found(two().into_iter().collect()), [warning.clone(), error.clone()]);
    let optional = preopen("0555", "/c").require_write().optional();
    assert_eq!(found([optional].into_iter().collect()), [(Verdict::Dropped, Some(write), vec![])]);
    let read_only = preopen("0555", "/d").require_write().read_only();
    assert_eq!(found([read_only].into_iter().collect()), [(Verdict::Ok, None, vec![])]);

    let mut all: Preopens = two().into_iter().collect();
    all.set_require_write(true);
    assert_eq!(found(all.clone()), [error.clone(), error]);
    assert_eq!(all.usable().0.iter().count(), 0);
    all.set_require_write(false);
    let (usable, report) = all.usable();
    assert_eq!(usable.iter().map(Preopen::guest).collect::<Vec<_>>(), ["/a"]);
    assert_eq!(report.with_warnings().count(), 1);

    let unlisted = || preopen("0300", "/e");
    assert_eq!(found([unlisted()].into_iter().collect()), [(Verdict::Error, Some(read), vec![])]);
    if cfg!(any(target_os = "linux", target_os = "android", target_os = "freebsd")) {
        assert_eq!(found([unlisted().allow_unlisted()].into_iter().collect()), [(Verdict::Ok, None, vec![read])]);
    }
    let well = preopen("0700", "/f").allow_unlisted().require_write();
    assert_eq!(found([well].into_iter().collect()), [(Verdict::Ok, None, vec![])]);
}

#[test]
fn the_library_reports_the_same() {
    const PLACE: &str = "WASMTIME_COMPAT_TEST_PLACE";
    if let Some(root) = std::env::var_os(PLACE) {
        return check_in(root.as_ref());
    }
    let root = place();
    let mut command = as_ordinary_user(&std::env::current_exe().unwrap(), root.path());
    let output =
        command.args(["--exact", "preopens::the_library_reports_the_same"]).env(PLACE, root.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", stderr(&output));
}

#[test]
fn hints_advise_what_this_user_can_do() {
    let root = place();
    let report = report(&run(root.path(), "preopens --json --dir 0500::/own --dir 0555::/other"));
    let hint = |at: usize| report["preopens"][at]["warnings"][0]["hint"].as_str().unwrap();
    assert_eq!(hint(0), "preopen the directory read-only, or let this user write in the directory (chmod u+w)");
    // If the tests do not run as root, their user owns the other one, too.
    if is_root() {
        let other = "preopen the directory read-only, or ask the owner to let this user write in the directory";
        assert_eq!(hint(1), other);
    }
}

#[test]
fn a_directory_that_cannot_be_written_is_a_warning_or_an_error_on_every_major() {
    let root = place();
    for wasmtime in enabled() {
        let run = |options: &str| {
            let major = wasmtime.major();
            run(root.path(), &format!("run --no-advisories --wasmtime {major} {options} --dir 0555::/b guest.wat"))
        };
        let output = run("");
        // errno `acces` for what is written.
        assert_eq!((output.status.code(), &*output.stdout), (Some(0), &b"020"[..]), "{}", stderr(&output));
        let warning = "warning: \"0555\" for \"/b\": not writable: ";
        assert!(stderr(&output).starts_with(warning), "{}", stderr(&output));
        let warnings = &report(&run("--json"))["preopens"][0]["warnings"];
        assert_eq!(warnings[0]["reason"], "not-writable");
        let output = run("--check-write");
        assert_eq!(output.status.code(), Some(126), "{}", stderr(&output));
        assert!(stderr(&output).contains("\"0555\" for \"/b\": not writable"), "{}", stderr(&output));
    }
    if enabled().is_empty() {
        println!("no major is compiled in");
        return;
    }
    let output = run(root.path(), "probe --json --wasmtime all --dir 0555::/b");
    for probe in report(&output)["probes"].as_array().unwrap() {
        assert_eq!(probe["preopens"][0]["warnings"][0]["reason"], "not-writable");
    }
    let output = run(root.path(), "probe --dir 0555::/b");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("warning: \"0555\" for \"/b\": not writable: "), "{text}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_directory_that_cannot_be_listed_serves_files_on_every_major() {
    let root = place();
    for wasmtime in enabled() {
        let major = wasmtime.major();
        // Errnos of reading a file, creating one, and listing.
        for (mode, seen) in [("0100", "022"), ("0300", "002")] {
            let refused = run(root.path(), &format!("run --wasmtime {major} --dir {mode}::/x guest.wat"));
            assert_eq!(refused.status.code(), Some(126));
            assert!(stderr(&refused).contains("not readable"), "{}", stderr(&refused));
            let allowed = format!("run --json --wasmtime {major} --allow-unlisted --dir {mode}::/x guest.wat");
            let report = report(&run(root.path(), &allowed));
            assert_eq!((&report["outcome"], &report["stdout"]), (&json!("exited"), &json!(seen)), "{mode}: {report}");
            assert_eq!(report["preopens"][0]["warnings"][0]["reason"], "not-readable");
            let _ = std::fs::remove_file(root.path().join(mode).join("new"));
        }
        let output = run(root.path(), &format!("probe --json --wasmtime {major} --allow-unlisted --dir 0300::/x"));
        let probed = &report(&output)["probes"][0]["probed"][0];
        assert_eq!((output.status.code(), &probed["directory_errno"]), (Some(0), &json!("acces")), "{probed}");
    }
    // One that may not be entered either stays refused.
    let output = run(root.path(), "preopens --json --allow-unlisted --dir 0000::/x");
    let expected = vec![("error", vec!["not-searchable"], vec!["not-writable"])];
    assert_eq!(found(&report(&output)), expected);
}

#[test]
fn what_cannot_be_made_is_known_before_anything_is_made() {
    let root = place();
    symlink("nowhere", root.path().join("dangling")).unwrap();
    symlink("0600/x", root.path().join("locked")).unwrap();
    std::fs::write(root.path().join("file"), "").unwrap();
    let long = "x".repeat(300);
    let line = format!(
        "preopens --json --dir missing::/m --create-dir 0555/sub/sub::/ro --create-dir dangling::/b
        --create-dir dangling/sub::/c --create-dir 0700/new/sub::/n --create-dir file/sub::/f --create-dir 0600/sub::/s
        --create-dir locked/sub::/l --create-dir 0700/a/{long}::/x --create-dir 0700/a/../../0555/sub::/u
        --optional-dir 0555/sub::/o --dir dangling::/d"
    );
    let output = run(root.path(), &line);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let all = report(&output);
    let found: Vec<_> = found(&all).into_iter().map(|(verdict, reasons, _)| (verdict, reasons)).collect();
    // If the tests do not run as root, their user can write nowhere but in what belongs to it, as here.
    let expected = [
        ("error", vec!["missing"]),
        ("error", vec!["not-creatable"]),
        ("error", vec!["dangling-link"]),
        ("error", vec!["dangling-link"]),
        ("creatable", vec![]),
        ("error", vec!["not-a-directory"]),
        ("error", vec!["not-searchable"]),
        ("error", vec!["not-searchable"]),
        ("error", vec!["not-creatable"]),
        ("error", vec!["not-creatable"]),
        ("dropped", vec!["missing"]),
        ("error", vec!["dangling-link"]),
    ];
    assert_eq!(found, expected);
    assert_eq!(std::fs::read_dir(root.path().join("0700")).unwrap().count(), 1);

    // Alone, the one that can be made is made.
    let output = run(root.path(), "preopens --json --create-dir 0700/new/sub::/n");
    assert_eq!((output.status.code(), &report(&output)["preopens"][0]["verdict"]), (Some(0), &json!("created")));
    assert!(root.path().join("0700/new/sub").is_dir());
}

/// Mounts a file system where the tests may; to that no user can write.
#[test]
#[cfg(target_os = "linux")]
fn a_read_only_file_system_is_not_writable_for_root_either() {
    const MOUNTED: &[u8] = b"mounted\n";
    let root = tempdir().unwrap();
    std::fs::create_dir(root.path().join("ro")).unwrap();
    let script = "mount -t tmpfs tmpfs ro && mkdir ro/d && mount -o remount,ro ro && echo mounted \
        && exec \"$0\" preopens --json --dir ro/d::/d --create-dir ro/new::/n --dir ro/gone::/g --ro-dir ro::/r";
    let mut command = std::process::Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_wasmtime-compat")]).current_dir(root.path());
    let Some(text) = command.output().ok().and_then(|it| it.stdout.strip_prefix(MOUNTED).map(<[u8]>::to_vec)) else {
        println!("file systems cannot be mounted here");
        return;
    };
    let report: Value = serde_json::from_slice(&text).unwrap();
    let expected = [
        ("ok", vec![], vec!["not-writable"]),
        ("error", vec!["not-creatable"], vec![]),
        ("error", vec!["missing"], vec![]),
        ("ok", vec![], vec![]),
    ];
    assert_eq!(found(&report), expected);
    for at in [1, 2] {
        let hint = report["preopens"][at]["hint"].as_str().unwrap();
        assert!(hint.contains("read-only file system"), "{hint}");
    }
}

#[test]
fn a_missing_directory_that_this_user_cannot_make_is_not_advised_to_be_created() {
    let root = place();
    let output = run(root.path(), "preopens --json --dir 0700/sub::/a --dir 0555/sub::/b --optional-dir 0555/sub::/c");
    let report = report(&output);
    let hint = |at: usize| report["preopens"][at]["hint"].as_str().unwrap();
    assert_eq!(hint(0), "create the directory, or make the preopen optional");
    assert!(
        hint(1).ends_with(", or make the preopen optional") && !hint(1).contains("create the directory"),
        "{}",
        hint(1)
    );
    assert!(hint(2).contains("let this user create directories in"), "{}", hint(2));
}

#[test]
fn an_empty_name_of_a_variable_is_refused_with_everything_else() {
    let root = place();
    for wasmtime in enabled() {
        for isolate in ["--no-isolate", "--isolate"] {
            let major = wasmtime.major();
            let options = "--env =e --env A= --dir gone::/g --create-dir 0700/made";
            let output = run(root.path(), &format!("run {isolate} --wasmtime {major} {options} guest.wat"));
            assert_eq!(output.status.code(), Some(126), "{}", stderr(&output));
            assert!(stderr(&output).contains("environment variable \"\": empty name"), "{}", stderr(&output));
            assert!(stderr(&output).contains("\"gone\" for \"/g\": missing"), "{}", stderr(&output));
            assert!(!root.path().join("0700/made").exists());
        }
    }
}

/// The directory that the program is started in is gone: nothing can be made below it, whatever the path.
#[test]
fn a_working_directory_that_was_removed() {
    let root = place();
    let report = |host: &str, flag: &str| {
        let script = format!("mkdir gone && cd gone && rmdir ../gone && exec \"$0\" preopens --json {flag} {host}::/x");
        let output = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_wasmtime-compat")])
            .current_dir(root.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        report(&output)
    };
    for host in ["new", "new/sub", "."] {
        let created = &report(host, "--create-dir")["preopens"][0];
        assert_eq!((&created["verdict"], &created["reason"]), (&json!("error"), &json!("not-creatable")), "{host}");
        let missing = &report(host, "--dir")["preopens"][0];
        assert_eq!((&missing["verdict"], &missing["reason"]), (&json!("error"), &json!("missing")), "{host}");
        for hint in [&created["hint"], &missing["hint"]] {
            let hint = hint.as_str().unwrap();
            assert!(
                hint.contains("the working directory was removed") && !hint.contains("create the directory"),
                "{hint}"
            );
        }
    }
}
