//! Runs in a process of their own: what the death of that process is for the one that waits for it, and that nothing
//! else is different.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::majors::enabled;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::shared::{adapters, component, module};

const LOOP: &str = r#"(module (func (export "_start") (loop $l (br $l))))"#;

/// Waits until there is a file `stop` in its first preopened directory.
const WAIT: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "stop")
    (func (export "_start")
        (loop $l
            (br_if $l (call $stat (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 64))))))"#;

/// Copies up to 64 bytes from standard input to standard output.
const COPY: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\40\00\00\00\40\00\00\00")
    (func (export "_start")
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

/// Writes a page that is not text to standard output, then traps.
const NOISE: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\00\10\00\00\ff\fe\01\1b\e2\80\aehello\n")
    (func (export "_start")
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        unreachable))"#;

fn directory(guests: &[(&str, &str)]) -> TempDir {
    let root = tempdir().unwrap();
    for (name, text) in guests {
        fs::write(root.path().join(name), text).unwrap();
    }
    root
}

fn tool(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasmtime-compat"));
    command.current_dir(root).env_remove("RUST_BACKTRACE");
    command
}

fn start(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    })
}

/// Waits until there is something, for a minute at most.
fn eventually<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
        sleep(Duration::from_millis(5));
    }
}

/// The process that runs the guest for `waiting`.
fn other(waiting: &Child) -> String {
    child(&waiting.id().to_string())
}

/// The first child of a process.
fn child(id: &str) -> String {
    eventually("no other process", || {
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
        children.split_whitespace().next().map(str::to_owned)
    })
}

fn signal(name: &str, process: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), process]).status().unwrap().success());
}

/// The example of the README: one call with more subscriptions than any machine has memory for.
const POLL: &str = r#"(module
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
        (drop (call $poll (i32.const 0) (i32.const 0) (i32.const 0x7fffffff) (i32.const 0)))))"#;

/// On 19 Wasmtime has no bound for it.
#[test]
fn a_guest_that_kills_one_major_only_is_compared() {
    let root = directory(&[("poll.wat", POLL)]);
    let has = |major: u64| enabled().iter().any(|wasmtime| wasmtime.major() == major);
    let compare =
        |flags: &[&str]| tool(root.path()).args(["compare", "--json", "poll.wat"]).args(flags).output().unwrap();
    let report = json(&compare(&[]));
    for run in report["runs"].as_array().unwrap() {
        assert_ne!(run["outcome"], "crashed", "{report}");
    }
    if !has(19) || !has(48) {
        return;
    }
    let output = compare(&["--raw-wasi", "--wasmtime", "19,48"]);
    let report = json(&output);
    assert_eq!(
        (&report["runs"][0]["outcome"], &report["runs"][0]["signal"]["name"]),
        (&"crashed".into(), &"SIGABRT".into())
    );
    assert!(report["runs"][0]["error"].as_str().unwrap().contains("memory allocation of"), "{report}");
    assert_eq!(report["runs"][1]["outcome"], "exited", "{report}");
    assert_eq!(output.status.code(), Some(1));
    // Nothing in the table is about WASI as the majors have it.
    assert_eq!(report["known_differences"], json!([]));
}

#[test]
fn the_death_of_a_process_is_the_outcome_of_its_major_only() {
    for (name, number) in [("ABRT", 6), ("KILL", 9)] {
        let root = directory(&[("wait.wat", WAIT)]);
        let compare =
            start(tool(root.path()).args(["compare", "--json", "--dir", ".", "wait.wat", "--timeout", "60s"]));
        signal(name, &other(&compare));
        fs::write(root.path().join("stop"), "").unwrap();
        let output = compare.wait_with_output().unwrap();
        let report = json(&output);
        let runs = report["runs"].as_array().unwrap();
        assert_eq!(runs.len(), enabled().len());
        let signal = json!({ "name": format!("SIG{name}"), "number": number });
        assert_eq!((&runs[0]["outcome"], &runs[0]["signal"]), (&"crashed".into(), &signal), "{report}");
        assert_eq!((&runs[0]["error_kind"], &runs[0]["output_lost"]), (&"crashed".into(), &true.into()));
        assert!(runs[0]["error"].as_str().unwrap().contains(&format!("SIG{name}")), "{report}");
        assert_eq!(runs[0]["error_hint"].is_null(), name != "KILL");
        for run in &runs[1..] {
            assert_eq!((&run["outcome"], &run["code"], &run["signal"]), (&"exited".into(), &0.into(), &Value::Null));
        }
        let several = runs.len() > 1;
        assert_eq!(report["agree"], !several);
        assert_eq!(output.status.code(), Some(i32::from(several)));
        let differing: Vec<_> = report["differences"].as_array().unwrap().iter().map(|it| &it["what"]).collect();
        let expected: &[&str] = if several { &["outcome", "code", "signal", "error"] } else { &[] };
        assert_eq!(differing, expected);
    }
}

#[test]
fn a_crash_is_shown_in_the_table_of_compare() {
    let root = directory(&[("wait.wat", WAIT)]);
    let compare = start(tool(root.path()).args(["compare", "--dir", ".", "wait.wat", "--timeout", "60s"]));
    signal("KILL", &other(&compare));
    fs::write(root.path().join("stop"), "").unwrap();
    let output = compare.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (major, newest) = (enabled()[0].major(), enabled().last().unwrap().major());
    assert!(text.contains("crashed (SIGKILL)"), "{text}");
    assert!(text.contains(&format!("Wasmtime {major}: the process was ended by SIGKILL")), "{text}");
    assert_eq!(text.contains(&format!("the output on Wasmtime {major} was lost")), major != newest, "{text}");
}

#[test]
fn run_ends_with_a_code_of_its_own_when_the_guest_crashes_its_host() {
    let root = directory(&[("loop.wat", LOOP)]);
    for json_too in [false, true] {
        let mut command = tool(root.path());
        command.args(["run", "--isolate", "loop.wat"]).args(json_too.then_some("--json"));
        let run = start(&mut command);
        signal("KILL", &other(&run));
        let output = run.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(123));
        if json_too {
            assert_eq!(json(&output)["outcome"], "crashed");
        } else {
            let told = String::from_utf8(output.stderr).unwrap();
            assert!(told.starts_with("error: guest crashed the host: the process was ended by SIGKILL"), "{told}");
            assert!(told.contains("\nhint: "), "{told}");
        }
    }
}

#[test]
fn the_same_is_reported_with_and_without_a_process_of_its_own() {
    let root = directory(&[("noise.wat", NOISE), ("loop.wat", LOOP), ("copy.wat", COPY), ("input", "from a file")]);
    fs::write(root.path().join("broken.wasm"), component(&module(), adapters()[0].2)).unwrap();
    for name in ["a", "b", "c"] {
        fs::create_dir(root.path().join(name)).unwrap();
    }
    let broken = ["broken.wasm", "--dir", "a::/source", "--ro-dir", "b::/data", "--dir", "c::/out"];
    let mut allowed = broken.to_vec();
    allowed.push("--allow-broken-adapter");
    for wasmtime in enabled() {
        for arguments in [
            &["noise.wat"][..],
            &["noise.wat", "--capture-limit", "21"],
            &["loop.wat", "--timeout", "50ms"],
            &["loop.wat", "--fuel", "1000"],
            &["copy.wat", "--stdin", "input", "--env", "A=B", "--", "an", "--argument", "--", "-x"],
            &["copy.wat", "--stdin", "gone"],
            &["copy.wat", "--dir", "gone::/x", "--optional-dir", "gone::/y", "--create-dir", "new::/z"],
            &["gone.wat"],
            &broken,
            &allowed,
        ] {
            let run = |flag: &str| {
                let major = wasmtime.major().to_string();
                let mut command = tool(root.path());
                command.args(["run", "--json", "--wasmtime", &major, flag]).args(arguments);
                let output = command.output().unwrap();
                let mut run = json(&output);
                run.as_object_mut().unwrap().remove("seconds").unwrap();
                (output.status.code(), run)
            };
            assert_eq!(run("--isolate"), run("--no-isolate"), "{arguments:?}");
        }
    }
    // How much was kept is in no JSON.
    let compare = |flag: &str| {
        let arguments = ["compare", flag, "noise.wat", "--capture-limit", "21"];
        let output = tool(root.path()).args(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().filter(|line| !line.contains(" ms")).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(compare("--isolate"), compare("--no-isolate"));
}

#[test]
fn the_guest_has_the_streams_of_the_process_that_waits() {
    let root = directory(&[("copy.wat", COPY)]);
    let mut command = tool(root.path());
    command.args(["run", "--isolate", "copy.wat"]);
    let mut run = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    run.stdin.take().unwrap().write_all(b"typed").unwrap();
    let output = run.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    assert_eq!(&output.stdout[..5], b"typed");
}

/// The grace is ten seconds.
#[test]
fn a_process_that_does_not_report_in_time_is_killed() {
    let root = directory(&[("loop.wat", LOOP)]);
    let started = Instant::now();
    let run = start(tool(root.path()).args(["run", "--json", "--isolate", "loop.wat", "--timeout", "5s"]));
    let other = other(&run);
    // Compiling it takes less than a tenth of that.
    eventually("the guest does not run", || (processor_time(&other) >= 50).then_some(()));
    signal("STOP", &other);
    let output = run.wait_with_output().unwrap();
    let run = json(&output);
    assert_eq!(
        (output.status.code(), &run["outcome"], &run["output_lost"]),
        (Some(124), &"timed-out".into(), &true.into())
    );
    assert!(started.elapsed() > Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(!Path::new(&format!("/proc/{other}")).exists(), "it was not killed");
}

/// What a process took of the processor, in hundredths of a second.
fn processor_time(process: &str) -> u64 {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = line.rsplit_once(") ").map_or("", |(_, rest)| rest);
    after_name.split(' ').nth(11).and_then(|time| time.parse().ok()).unwrap_or(0)
}

#[test]
fn the_process_ends_with_the_one_that_waits() {
    let root = directory(&[("loop.wat", LOOP)]);
    for arguments in [&["run", "--isolate", "loop.wat"][..], &["compare", "loop.wat"]] {
        let mut waiting = start(tool(root.path()).args(arguments));
        let other = other(&waiting);
        waiting.kill().unwrap();
        waiting.wait().unwrap();
        eventually("it goes on", || {
            // What adopted it may not wait for it.
            let line = fs::read_to_string(format!("/proc/{other}/stat")).unwrap_or_default();
            (line.is_empty() || line.contains(") Z ")).then_some(())
        });
    }
}

#[test]
fn compiling_has_a_time_limit() {
    let adds = "(local.set 0 (i64.add (local.get 0) (i64.mul (local.get 1) (local.get 0))))".repeat(50);
    let functions = format!("(func (param i64 i64) {adds})").repeat(200);
    let slow = format!("(module {functions} (func (export \"_start\")))");
    let root = directory(&[("slow.wat", &slow)]);
    for flag in ["--isolate", "--no-isolate"] {
        let arguments = [flag, "--compile-timeout", "1ms", "slow.wat"];
        let output = tool(root.path()).args(["run", "--json"]).args(arguments).output().unwrap();
        let run = json(&output);
        assert_eq!((&run["outcome"], &run["error_kind"]), (&"refused".into(), &"compile-timeout".into()), "{run}");
        assert_eq!((output.status.code(), &run["seconds"]), (Some(126), &0.0.into()));
        assert!(run["error_hint"].as_str().unwrap().contains("--compile-timeout"), "{run}");
        let output = tool(root.path()).arg("compare").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "there is nothing to compare");
    }
    let output = tool(root.path()).args(["run", "--compile-timeout", "10m", "slow.wat"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

/// Another process compiles, and this one shows for how long; `script` makes the terminal.
#[test]
fn a_terminal_shows_how_long_compiling_has_taken() {
    if Command::new("script").arg("--version").stdout(Stdio::null()).status().is_err() {
        assert!(std::env::var_os("CI").is_none(), "script is not installed");
        eprintln!("script is not installed: nothing is tested");
        return;
    }
    let adds = "(local.set 0 (i64.add (local.get 0) (i64.mul (local.get 1) (local.get 0))))".repeat(100);
    let functions = format!("(func (param i64 i64) {adds})").repeat(400);
    let root = directory(&[("slow.wat", &format!("(module {functions} (func (export \"_start\")))"))]);
    let major = enabled()[0].major();
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command"]).current_dir(root.path()).env("TERM", "xterm");
    let line = format!("exec \"$TOOL\" compare --json --wasmtime {major} slow.wat > report.json");
    command.arg(line).arg("/dev/null").env("TOOL", env!("CARGO_BIN_EXE_wasmtime-compat")).env("SHELL", "/bin/sh");
    let script = start(&mut command);
    let compiles = child(&other(&script));
    signal("STOP", &compiles);
    sleep(Duration::from_millis(2500));
    signal("CONT", &compiles);
    let output = script.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    for seconds in 0..=2 {
        let wanted = format!("compiling slow.wat for Wasmtime {major} ({seconds}s)");
        assert!(shown.contains(&wanted), "{wanted}: {shown}");
    }
    let report: Value = serde_json::from_slice(&fs::read(root.path().join("report.json")).unwrap()).unwrap();
    assert_eq!(report["runs"][0]["outcome"], "exited");
}

#[test]
fn the_hidden_command_runs_guests_only() {
    let root = directory(&[]);
    let major = enabled()[0].major().to_string();
    for command in [&["versions"][..], &["isolated-run", &major, "--", "compare", "x"], &["nonsense"]] {
        let mut other = tool(root.path());
        other.args(["isolated-run", &major, "--"]).args(command).stdin(Stdio::null());
        assert_eq!(other.output().unwrap().status.code(), Some(1), "{command:?}");
    }
    let help = tool(root.path()).arg("--help").output().unwrap();
    assert!(!String::from_utf8(help.stdout).unwrap().contains("isolated-run"));
}

#[test]
fn core_dumps_of_guests_that_trap() {
    const LEAVES: &str = r#"(module (memory (export "memory") 1) (func (export "_start")))"#;
    let root = directory(&[("noise.wat", NOISE), ("leaves.wat", LEAVES)]);
    for isolation in ["--isolate", "--no-isolate"] {
        let run = |guest: &str, file: &str| {
            tool(root.path()).args(["run", "--json", isolation, "--coredump", file, guest]).output().unwrap()
        };
        let output = run("noise.wat", "noise.core");
        assert_eq!(json(&output)["outcome"], "trapped", "{output:?}");
        let dump = fs::read(root.path().join("noise.core")).unwrap();
        assert!(dump.starts_with(b"\0asm"), "{isolation}");
        for part in ["corestack", "noise.wat", "hello"] {
            assert!(dump.windows(part.len()).any(|bytes| bytes == part.as_bytes()), "{isolation} {part}");
        }
        fs::remove_file(root.path().join("noise.core")).unwrap();

        let output = run("leaves.wat", "leaves.core");
        assert_eq!(json(&output)["outcome"], "exited", "{output:?}");
        assert!(!root.path().join("leaves.core").exists(), "{isolation}");

        let output = run("noise.wat", "nowhere/noise.core");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("no core dump can be written"), "{output:?}");
    }
}
