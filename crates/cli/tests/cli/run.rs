//! The command line as a user sees it: exit codes, JSON shapes, and that nothing depends on the major.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::majors::enabled;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::shared::{adapters, component, module};
use crate::user::{is_root, tool, tool_as_ordinary_user};

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    })
}

fn guest(root: &Path, name: &str, body: &str) -> PathBuf {
    let path = root.join(name);
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (func $recurse (call $recurse))
            (func (export "_start") {body}))"#
    );
    std::fs::write(&path, text).unwrap();
    path
}

/// The directories that `six_preopens` names: one good, one missing, one a file, one without permissions.
fn directories() -> TempDir {
    use std::os::unix::fs::PermissionsExt;

    let root = tempdir().unwrap();
    std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::create_dir(root.path().join("good")).unwrap();
    std::fs::write(root.path().join("file"), "").unwrap();
    std::fs::create_dir(root.path().join("locked")).unwrap();
    std::fs::set_permissions(root.path().join("locked"), std::fs::Permissions::from_mode(0o000)).unwrap();
    root
}

fn six_preopens(command: &mut Command, root: &Path) -> Output {
    let dir = |name: &str, guest: &str| format!("{}::{guest}", root.join(name).display());
    command
        .args(["preopens", "--json", "--dir", &dir("good", "/a"), "--dir", &dir("gone", "/b")])
        .args(["--dir", &dir("file", "/c"), "--dir", &dir("locked", "/d")])
        .args(["--dir", &dir("good", "/a"), "--dir", &dir("good", "")])
        .current_dir(root)
        .output()
        .unwrap()
}

#[test]
fn preopens_names_every_problem() {
    let root = directories();
    let output = six_preopens(&mut tool_as_ordinary_user(root.path()), root.path());
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    assert_eq!((&report["schema"], &report["ok"]), (&1.into(), &false.into()));
    let reasons: Vec<_> = report["preopens"].as_array().unwrap().iter().map(|entry| entry["reason"].as_str()).collect();
    assert_eq!(
        reasons,
        [
            None,
            Some("missing"),
            Some("not-a-directory"),
            Some("not-readable"),
            Some("duplicate-guest-path"),
            Some("empty-guest-path")
        ]
    );
    for entry in report["preopens"].as_array().unwrap() {
        assert!(Path::new(entry["absolute"].as_str().unwrap()).is_absolute());
        assert_eq!(entry["hint"].is_null(), entry["reason"].is_null());
    }
}

/// Root may enter a directory whatever its mode: for root the locked directory is fine, and the check reports that.
#[test]
fn the_check_is_that_of_the_effective_user() {
    let root = directories();
    let report = json(&six_preopens(&mut tool(), root.path()));
    let locked = &report["preopens"][3];
    match is_root() {
        true => assert_eq!((&locked["verdict"], &locked["reason"]), (&"ok".into(), &Value::Null)),
        false => assert_eq!((&locked["verdict"], &locked["reason"]), (&"error".into(), &"not-readable".into())),
    }
}

#[test]
fn a_missing_preopen_refuses_the_guest_alike_on_every_major() {
    let root = tempdir().unwrap();
    // It would trap, if it were started.
    let guest = guest(root.path(), "guest.wat", "unreachable");
    let run = |major: u64| {
        let output = tool()
            .args(["run", "--json", "--wasmtime", &major.to_string(), "--dir", "missing::/x"])
            .arg(&guest)
            .current_dir(root.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(126), "{}", String::from_utf8_lossy(&output.stderr));
        let mut object = json(&output);
        assert_eq!((&object["outcome"], &object["major"]), (&"refused".into(), &major.into()));
        assert_eq!(object["preopens"][0]["reason"], "missing");
        assert_eq!(object["seconds"], 0.0);
        for field in ["major", "wasmtime"] {
            object.as_object_mut().unwrap().remove(field).unwrap();
        }
        object.to_string()
    };
    let objects: Vec<_> = enabled().iter().map(|wasmtime| run(wasmtime.major())).collect();
    assert!(objects.windows(2).all(|pair| pair[0] == pair[1]), "{objects:#?}");
}

#[test]
fn run_exits_as_the_guest_does() {
    let root = tempdir().unwrap();
    let status = |name: &str, body: &str, options: &[&str]| {
        let guest = guest(root.path(), name, body);
        tool().arg("run").args(options).arg(guest).output().unwrap().status.code()
    };
    for code in [0, 1, 42, 125] {
        assert_eq!(status("exit.wat", &format!("(call $exit (i32.const {code}))"), &[]), Some(code));
    }
    for code in [126, 200, 256] {
        assert_eq!(status("exit.wat", &format!("(call $exit (i32.const {code}))"), &[]), Some(134), "as the help says");
    }
    assert_eq!(status("trap.wat", "unreachable", &[]), Some(134));
    assert_eq!(status("deep.wat", "(call $recurse)", &[]), Some(134));
    assert_eq!(status("busy.wat", "(loop $l (br $l))", &["--timeout", "100ms"]), Some(124));
    assert_eq!(status("fuel.wat", "(loop $l (br $l))", &["--fuel", "1000"]), Some(134));
    assert_eq!(tool().args(["run", "--wasmtime", "7", "x"]).output().unwrap().status.code(), Some(2));
    assert_eq!(tool().arg("nonsense").output().unwrap().status.code(), Some(2));
}

#[test]
fn versions_lists_every_major_exactly() {
    let report = json(&tool().args(["versions", "--json"]).output().unwrap());
    let majors: Vec<_> = report["majors"].as_array().unwrap().iter().map(|entry| &entry["wasmtime"]).collect();
    let expected: Vec<_> = enabled().iter().map(|wasmtime| wasmtime.report().wasmtime.to_string()).collect();
    assert_eq!(majors, expected.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(report["majors"][0]["wasi"]["p1"], "wasi_snapshot_preview1");
}

#[test]
fn compare_agrees_and_the_demo_runs() {
    let root = tempdir().unwrap();
    let guest = guest(root.path(), "exit.wat", "(call $exit (i32.const 3))");
    let output = tool().args(["compare", "--json"]).arg(guest).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let report = json(&output);
    assert_eq!(report["agree"], true);
    assert_eq!(report["runs"].as_array().unwrap().len(), enabled().len());
    assert!(report["runs"].as_array().unwrap().iter().all(|run| run["code"] == 3));

    let demo = tool().arg("compare").output().unwrap();
    assert_eq!(demo.status.code(), Some(0), "{}", String::from_utf8_lossy(&demo.stderr));
    assert!(!String::from_utf8_lossy(&demo.stdout).contains('\u{1b}'), "colour without a terminal");
}

const HELLO: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\06\00\00\00")
    (data (i32.const 16) "hello\n")
    (func (export "_start")
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

#[test]
fn compare_says_how_much_it_compared() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("hello.wat"), HELLO).unwrap();
    let compare = |options: &[&str]| {
        let output = tool().arg("compare").args(options).arg("hello.wat").current_dir(root.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        output
    };
    let several = enabled().len() > 1;
    let text = |options: &[&str]| String::from_utf8(compare(options).stdout).unwrap();
    let plain = format!("all {} majors agree\n", enabled().len());
    assert_eq!(text(&["--capture-limit", "6"]).ends_with(&plain), several);
    let cut = text(&["--capture-limit", "2"]);
    assert!(!cut.contains(&plain), "{cut}");
    assert_eq!(cut.contains("of stdout only the first 2 bytes and the total length were compared"), several, "{cut}");
    assert_eq!(json(&compare(&["--json", "--capture-limit", "2"]))["runs"][0]["stdout_dropped"], 4);
}

/// Known differences are shown if they can explain what differs: here fuel for what `memory.fill` moves.
#[test]
fn compare_shows_the_known_differences_that_can_explain() {
    let root = tempdir().unwrap();
    let fill = r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
        (memory (export "memory") 1)
        (func (export "_start") (memory.fill (i32.const 0) (i32.const 1) (i32.const 60000))))"#;
    std::fs::write(root.path().join("fill.wat"), fill).unwrap();
    let burns_length = |major: u64| major >= 46;
    let divided = enabled().iter().any(|wasmtime| burns_length(wasmtime.major()))
        && enabled().iter().any(|wasmtime| !burns_length(wasmtime.major()));
    for isolate in ["--isolate", "--no-isolate"] {
        let compare = |options: &[&str]| {
            let options = [&["compare", "--fuel", "1000", isolate], options].concat();
            tool().args(options).arg("fill.wat").current_dir(root.path()).output().unwrap()
        };
        let report = json(&compare(&["--json"]));
        let ids: Vec<_> = report["known_differences"].as_array().unwrap().iter().map(|known| &known["id"]).collect();
        if divided {
            assert_eq!(ids, ["fuel-of-bulk-operations"]);
            let text = String::from_utf8(compare(&[]).stdout).unwrap();
            assert!(text.contains("Known differences that can explain this\n  fuel-of-bulk-operations "), "{text}");
        } else {
            assert!(ids.is_empty(), "{ids:?}");
        }
    }
}

/// What gives a guest another result is not offered where a call of the host traps.
#[test]
fn compare_does_not_explain_a_trap_of_the_host_by_results() {
    let root = tempdir().unwrap();
    // Entries for `poll_oneoff` and `fd_read` hold for some of the majors, too.
    let text = r#"(module
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start") (memory.fill (i32.const 0) (i32.const 1) (i32.const 60000))))"#;
    std::fs::write(root.path().join("fill.wat"), text).unwrap();
    let output =
        tool().args(["compare", "--json", "--fuel", "1000", "fill.wat"]).current_dir(root.path()).output().unwrap();
    let report = json(&output);
    for known in report["known_differences"].as_array().unwrap() {
        assert_eq!(known["id"], "fuel-of-bulk-operations", "{report}");
    }
}

#[test]
fn compare_tells_errors_and_what_to_do_about_them() {
    let root = tempdir().unwrap();
    guest(root.path(), "guest.wat", "");
    for arguments in [&["--dir", "gone::/x", "guest.wat"][..], &["--stdin", "gone"]] {
        let output = tool().arg("compare").args(arguments).current_dir(root.path()).output().unwrap();
        let (text, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let majors: Vec<_> = enabled().iter().map(|wasmtime| wasmtime.major().to_string()).collect();
        assert!(text.contains(&format!("Wasmtime {}: ", majors.join(", "))), "{text}");
        assert!(text.contains("gone"), "{text}");
        assert_eq!(output.status.code(), Some(2), "there is nothing to compare: {text}");
        let hints = told.lines().filter(|line| line.starts_with("hint: ")).count();
        assert_eq!(hints, usize::from(arguments[0] == "--dir"), "{told}");
    }
}

#[test]
fn where_no_major_starts_the_guest_none_is_said_to_agree() {
    let root = tempdir().unwrap();
    guest(root.path(), "guest.wat", "");
    std::fs::write(root.path().join("import.wat"), r#"(module (import "a" "b" (func)) (func (export "_start")))"#)
        .unwrap();
    std::fs::write(root.path().join("invalid.wat"), r#"(module (func (export "_start") drop))"#).unwrap();
    for arguments in
        [&["guest.wat", "--dir", "gone"][..], &["guest.wat", "--stdin", "gone"], &["import.wat"], &["invalid.wat"]]
    {
        let compare = |mode: &[&str]| {
            let output = tool().arg("compare").args(mode).args(arguments).current_dir(root.path()).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            output
        };
        let text = String::from_utf8(compare(&[]).stdout).unwrap();
        assert!(text.contains("started the guest") || text.contains("the guest was not started"), "{text}");
        assert!(!text.contains(" agree"), "{text}");
        let report = json(&compare(&["--json"]));
        assert_eq!(report["runs"][0]["outcome"], "refused");
        assert!(report["agree"].is_boolean());
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_json_where_that_was_asked_for() {
    let run = |arguments: &str| tool().args(arguments.split(' ')).output().unwrap();
    for arguments in
        ["run --json", "--json inspect", "probe --json --nonsense", "--json nonsense", "run --timeout x --json g"]
    {
        let output = run(arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments}: {told}");
        let failure = json(&output);
        assert_eq!(failure["schema"], 1);
        let message = failure["error"].as_str().unwrap();
        assert!(told.starts_with(&format!("error: {message}")), "{told}{message}");
        assert!(failure["hint"].as_str().unwrap().contains("--help"), "{failure}");
    }
    for arguments in ["run", "run --nonsense -- --json", "matrix --json report.json --nonsense"] {
        let output = run(arguments);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]), "{arguments}");
    }
    assert_eq!(run("--json --version").status.code(), Some(0));

    let output = run("--json matrix list");
    assert_eq!(output.status.code(), Some(2));
    assert!(json(&output)["hint"].as_str().unwrap().contains("matrix --json FILE"));
}

#[test]
fn a_broken_adapter_is_told_with_the_preopens_and_the_flag() {
    let root = tempdir().unwrap();
    let (_, _, adapter) = adapters()[0];
    std::fs::write(root.path().join("guest.wasm"), component(&module(), adapter)).unwrap();
    for name in ["a", "b", "c"] {
        std::fs::create_dir(root.path().join(name)).unwrap();
    }
    let output = tool()
        .args(["run", "--json", "--dir", "a::/source", "--ro-dir", "b::/data", "--dir", "c::/out", "guest.wasm"])
        .current_dir(root.path())
        .output()
        .unwrap();
    let run = json(&output);
    assert_eq!((output.status.code(), &run["error_kind"]), (Some(126), &"broken-adapter".into()), "{run}");
    assert!(run["error_hint"].as_str().unwrap().contains("--allow-broken-adapter"), "{run}");
    let told: Vec<_> = run["preopens"].as_array().unwrap().iter().map(|it| (&it["guest"], &it["verdict"])).collect();
    let ok = "ok".into();
    assert_eq!(told, [(&"/source".into(), &ok), (&"/data".into(), &ok), (&"/out".into(), &ok)]);
}

/// `/dev/full` takes nothing, as a full disk does.
#[test]
#[cfg(target_os = "linux")]
fn data_that_cannot_be_written_is_an_error() {
    let root = tempdir().unwrap();
    guest(root.path(), "guest.wat", "");
    for (command, code) in [
        ("versions", 2),
        ("inspect guest.wat", 2),
        ("preopens --dir .", 2),
        ("compare guest.wat", 2),
        ("compare", 2),
        ("run guest.wat", 125),
        ("probe", 2),
        ("--help", 2),
    ] {
        // What `run` prints without it is the guest's.
        let modes: &[&[&str]] = if command.starts_with("run") { &[&["--json"]] } else { &[&[], &["--json"]] };
        for mode in modes {
            let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let mut tool = tool();
            tool.args(*mode).args(command.split(' ')).current_dir(root.path()).stdout(full);
            let output = tool.output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{command}: {told}");
            assert!(told.contains("error: cannot write to standard output: "), "{command}: {told}");
        }
    }
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let root = tempdir().unwrap();
    guest(root.path(), "guest.wat", "");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output =
        tool().args(["inspect", "--json", "guest.wat"]).current_dir(root.path()).stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn help_has_examples_and_exit_codes() {
    for command in ["versions", "run", "call", "compare", "inspect", "readapt", "preopens", "probe"] {
        let output = tool().args([command, "--help"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("Examples:"), "{command}: {text}");
        assert!(text.to_lowercase().contains("exit code"), "{command}: {text}");
    }
    for command in ["run", "compare"] {
        let text = String::from_utf8(tool().args([command, "--help"]).output().unwrap().stdout).unwrap();
        assert!(text.contains("Compiling does not count"), "{command}: {text}");
    }
}

/// A component that asks for its environment.
fn asks_for_environment(root: &Path) -> PathBuf {
    let module = wat::parse_str(
        r#"(module
            (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "_start") (drop (call $sizes (i32.const 8) (i32.const 16)))))"#,
    );
    // The oldest one, which every major hosts.
    let wasm = component(&module.unwrap(), adapters()[0].2);
    let path = root.join("environment.wasm");
    std::fs::write(&path, wasm).unwrap();
    path
}

#[test]
fn a_string_that_is_too_long_for_the_adapter_is_warned_of() {
    let root = tempdir().unwrap();
    let guest = asks_for_environment(root.path());
    let run = |length: usize, flags: &[&str]| {
        let mut command = tool();
        command.arg("run").args(flags).arg("--inherit-env").arg(&guest).env_clear().env("LONG", "x".repeat(length));
        command.output().unwrap()
    };
    let output = run(59_016, &[]);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));

    let output = run(59_017, &[]);
    assert_eq!(output.status.code(), Some(134));
    let said = String::from_utf8(output.stderr).unwrap();
    let first = said.lines().next().unwrap();
    assert!(first.starts_with("warning: ") && first.contains("24.0.13"), "{said}");
    assert!(first.contains(r#""LONG" has 59017 bytes; the limit is 59016 bytes"#), "{said}");

    for isolate in ["--isolate", "--no-isolate"] {
        let report = json(&run(70_000, &["--json", isolate]));
        assert_eq!(report["outcome"], "trapped");
        let warnings = report["warnings"].as_array().unwrap();
        let warning = warnings.iter().find(|warning| warning["id"] == "long-string-abort").unwrap();
        assert!(warning["fixed"].is_null(), "{warning}");
        let overflow = serde_json::json!({
            "kind": "variable-value", "index": 0, "variable": "LONG", "bytes": 70_000, "most": 59_016
        });
        assert_eq!(warning["overflow"], overflow);
        assert_eq!(json(&run(70, &["--json", isolate]))["warnings"], serde_json::json!([]));
    }
}

#[test]
fn a_release_candidate_of_wasi_gets_a_hint() {
    let root = tempdir().unwrap();
    let path = root.path().join("candidate.wat");
    let version = "0.2.0-rc-2023-11-10";
    let text = format!(
        r#"(component
            (import "wasi:cli/exit@{version}" (instance $exit (export "exit" (func (param "status" (result))))))
            (core module $m (import "h" "exit" (func (param i32))) (func (export "run") (result i32) (i32.const 0)))
            (core func $exit' (canon lower (func $exit "exit")))
            (core instance $i (instantiate $m (with "h" (instance (export "exit" (func $exit'))))))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $r (export "run" (func $run)))
            (export "wasi:cli/run@{version}" (instance $r)))"#
    );
    std::fs::write(&path, text).unwrap();
    for wasmtime in enabled() {
        let major = wasmtime.major().to_string();
        let output = tool().args(["run", "--wasmtime", &major]).arg(&path).output().unwrap();
        assert_eq!(output.status.code(), Some(126));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("hint: ") && said.contains("`wasmtime-compat readapt`"), "{major}: {said}");
    }
}

/// A command that succeeds if the first byte of the variable `region` of `wasi:config` is an `n`.
const CONFIGURED: &str = r#"(component
    (import "wasi:config/store@0.2.0-rc.1" (instance $store
        (type $cases (variant (case "upstream" string) (case "io" string)))
        (export "error" (type $error (eq $cases)))
        (export "get" (func (param "key" string) (result (result (option string) (error $error)))))))
    (core module $memory
        (memory (export "memory") 1)
        (data (i32.const 100) "region")
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
    (core instance $memory (instantiate $memory))
    (alias core export $memory "memory" (core memory $mem))
    (alias core export $memory "realloc" (core func $realloc))
    (core func $get (canon lower (func $store "get") (memory $mem) (realloc $realloc)))
    (core module $main
        (import "" "memory" (memory 1))
        (import "" "get" (func $get (param i32 i32 i32)))
        (func (export "run") (result i32)
            (call $get (i32.const 100) (i32.const 6) (i32.const 512))
            (if (i32.eqz (i32.load8_u (i32.const 516))) (then (return (i32.const 1))))
            (i32.ne (i32.load8_u (i32.load (i32.const 520))) (i32.const 110))))
    (core instance $main (instantiate $main (with "" (instance
        (export "memory" (memory $mem)) (export "get" (func $get))))))
    (func $run (result (result)) (canon lift (core func $main "run")))
    (instance $exported (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $exported)))"#;

#[test]
fn variables_of_wasi_config_are_set_by_an_option() {
    let root = tempdir().unwrap();
    let guest = root.path().join("configured.wasm");
    std::fs::write(&guest, wat::parse_str(CONFIGURED).unwrap()).unwrap();
    for wasmtime in enabled() {
        let major = wasmtime.major().to_string();
        let run = |flags: &[&str]| tool().args(["run", "--wasmtime", &major]).args(flags).arg(&guest).output().unwrap();
        for (value, code) in [("region=north", 0), ("region=south", 1), ("other=north", 1)] {
            let output = run(&["--config-var", value]);
            assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let refused = run(&[]);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(126), "{said}");
        assert!(said.contains("unsatisfied import: `wasi:config/store@0.2.0-rc.1`"), "{said}");
    }
}
