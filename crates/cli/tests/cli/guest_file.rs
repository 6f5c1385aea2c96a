//! What is taken for a guest's file and what is not, and that names from outside stay on their line.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::tempdir;

use crate::shared::{adapters, component, module};

/// The commands that read a guest, without it, and what they exit with if they cannot.
const READERS: [(&[&str], i32); 5] =
    [(&["run"], 126), (&["compare"], 2), (&["inspect"], 2), (&["probe"], 2), (&["readapt", "-o", "fixed.wasm"], 2)];

fn tool(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasmtime-compat"));
    command.args(arguments).current_dir(root).env_remove("RUST_BACKTRACE").output().unwrap()
}

/// Has every command read a guest that it must refuse at once, with these words.
fn refused(root: &Path, guest: &str, flags: &[&str], words: &str) {
    for (command, code) in READERS {
        let started = Instant::now();
        let output = tool(root, &[command, flags, &[guest]].concat());
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{command:?} {guest}: {told}");
        assert!(told.contains(words), "{command:?} {guest}: {told}");
        assert!(started.elapsed() < Duration::from_secs(5), "{command:?} {guest}");
    }
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn files_that_are_not_text_are_not_read_as_text() {
    let root = tempdir().unwrap();
    for (name, bytes, words) in [
        ("elf", &b"\x7fELF"[..], "the file is an ELF file"),
        ("elf-and-text", b"\x7fELF and text", "the file is an ELF file"),
        ("mark", "\u{feff}(module)".as_bytes(), "the text begins with a byte order mark"),
        ("only-a-mark", "\u{feff}".as_bytes(), "the text begins with a byte order mark"),
        ("utf-16", b"\xff\xfe(\0m\0o\0d\0u\0l\0e\0)\0", "the text begins with a byte order mark"),
        ("utf-16-be", b"\xfe\xff\0(\0m", "the text begins with a byte order mark"),
    ] {
        fs::write(root.path().join(name), bytes).unwrap();
        refused(root.path(), name, &[], words);
    }
}

#[test]
fn a_compiled_guest_is_told_with_what_it_runs() {
    let root = tempdir().unwrap();
    // The beginnings of an artefact of `Engine::precompile`, and of one of Wasmtime's: a module.
    let wasmtime = [&b"\x7fELF\x02\x01\x01\xc8"[..], &[0; 40], &[1, 0, 0, 0], &[0; 12]].concat();
    let own = b"\xffwtcmp\r\n";
    for (name, bytes, words) in [("own", &own[..], "Command::from_precompiled"), ("code", &wasmtime, "`deserialize`")] {
        fs::write(root.path().join(name), bytes).unwrap();
        refused(root.path(), name, &[], words);
    }
}

#[test]
fn a_guest_is_a_regular_file() {
    let root = tempdir().unwrap();
    make_pipe(&root.path().join("pipe"));
    std::os::unix::fs::symlink("pipe", root.path().join("link")).unwrap();
    let _socket = UnixListener::bind(root.path().join("socket")).unwrap();
    for (guest, what) in [
        ("pipe", "a named pipe"),
        ("link", "a named pipe"),
        ("/dev/zero", "a device"),
        ("/dev/null", "a device"),
        (".", "a directory"),
        ("socket", "a socket"),
    ] {
        refused(root.path(), guest, &[], &format!("the path is {what}, not a regular file"));
    }
    refused(root.path(), "gone", &[], "cannot read the guest \"gone\": No such file");
}

#[test]
fn what_is_too_long_or_not_a_guest_is_not_read() {
    let root = tempdir().unwrap();
    let sparse = |name: &str, start: &[u8], length: u64| {
        fs::write(root.path().join(name), start).unwrap();
        File::options().write(true).open(root.path().join(name)).unwrap().set_len(length).unwrap();
    };
    sparse("zeroes", b"", 5 << 30);
    sparse("long.wasm", b"\0asm\x01\0\0\0", 5 << 30);
    sparse("long.wat", &[b' '; 600], 65 << 20);
    fs::write(root.path().join("short.wasm"), b"\0asm\x01\0\0\0").unwrap();
    fs::write(root.path().join("odd.wasm"), b"\0asm\x09\0\0\0").unwrap();
    refused(root.path(), "zeroes", &[], "not WebAssembly: the binary does not start with the magic number");
    refused(root.path(), "odd.wasm", &[], "not WebAssembly: the version is unknown");
    refused(root.path(), "long.wasm", &[], "the file has more than 1073741824 bytes");
    refused(root.path(), "long.wat", &[], "the file has more than 67108864 bytes");
    refused(root.path(), "short.wasm", &["--guest-limit", "7"], "the file has more than 7 bytes");
    let output = tool(root.path(), &["inspect", "--guest-limit", "8", "short.wasm"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_adapter_is_a_regular_file_too() {
    let root = tempdir().unwrap();
    make_pipe(&root.path().join("pipe"));
    fs::write(root.path().join("guest.wasm"), component(&module(), adapters()[0].2)).unwrap();
    let output = tool(root.path(), &["readapt", "guest.wasm", "-o", "fixed.wasm", "--adapter", "pipe"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("cannot read the adapter \"pipe\": the path is a named pipe"), "{told}");
}

/// Ten seconds are how long it waits.
#[test]
fn an_output_that_nothing_reads_does_not_hang_readapt() {
    let root = tempdir().unwrap();
    let zeroes = "0".repeat(200_000);
    let module = format!(
        r#"(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 4) (data (i32.const 0) "{zeroes}") (func (export "_start")))"#
    );
    let guest = component(&wat::parse_str(module).unwrap(), adapters()[0].2);
    fs::write(root.path().join("guest.wasm"), guest).unwrap();
    make_pipe(&root.path().join("alone"));
    make_pipe(&root.path().join("slow"));
    make_pipe(&root.path().join("late"));
    let readapt = |output: &str| tool(root.path(), &["readapt", "guest.wasm", "-o", output]);
    // What is written is longer than what a pipe holds.
    let slow = File::options().read(true).write(true).open(root.path().join("slow")).unwrap();
    thread::scope(|scope| {
        for (output, words) in
            [("alone", "nothing reads from the named pipe"), ("slow", "nothing was read from the named pipe")]
        {
            scope.spawn(move || {
                let output = readapt(output);
                let told = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(2), "{told}");
                assert!(told.contains(words), "{told}");
            });
        }
        scope.spawn(|| assert_eq!(readapt("late").status.code(), Some(0)));
        thread::sleep(Duration::from_secs(1));
        let mut written = Vec::new();
        File::open(root.path().join("late")).unwrap().read_to_end(&mut written).unwrap();
        assert!(written.starts_with(b"\0asm"));
    });
    drop(slow);
    if cfg!(target_os = "linux") {
        let output = readapt("/dev/full");
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write \"/dev/full\""));
    }
}

/// A line end, a right-to-left override and a space without width.
const EVIL: &str = "evil\nerror: fake\u{202e}xyz\u{200b}";

/// Nothing printed by a command may begin a line with what `EVIL` has behind its line end, or hold the rest as it is.
fn harmless(arguments: &[&str], output: &Output) {
    for stream in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(stream);
        assert!(!text.lines().any(|line| line.starts_with("error: fake")), "{arguments:?}: {text}");
        assert!(!text.contains(['\u{202e}', '\u{200b}']), "{arguments:?}: {text}");
    }
    let all = [output.stdout.as_slice(), &output.stderr].concat();
    assert!(String::from_utf8_lossy(&all).contains("evil\\nerror: fake\\u{202e}xyz\\u{200b}"), "{arguments:?}");
}

#[test]
fn names_of_a_guest_do_not_make_lines_of_their_own() {
    let root = tempdir().unwrap();
    let import = EVIL.bytes().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let text = format!(r#"(module (import "{import}" "f" (func)) (func (export "_start")))"#);
    fs::write(root.path().join("import.wat"), text).unwrap();
    for command in ["inspect", "run", "compare"] {
        let plain = [command, "import.wat"];
        harmless(&plain, &tool(root.path(), &plain));
        let output = tool(root.path(), &[command, "--json", "import.wat"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = match command {
            "inspect" => &report["hosts"][0]["reason"],
            "run" => &report["error"],
            _ => &report["runs"][0]["error"],
        };
        assert!(text.as_str().unwrap().contains(EVIL), "JSON has the name as it is: {report}");
    }
}

#[test]
fn paths_and_arguments_do_not_make_lines_of_their_own() {
    let root = tempdir().unwrap();
    let file = format!("{EVIL}.wat");
    fs::write(root.path().join(&file), r#"(module (func (export "_start") (call $"evil\n")))"#).unwrap();
    fs::write(root.path().join("ok.wat"), r#"(module (func (export "_start")))"#).unwrap();
    let (missing, flag) = (format!("{EVIL}-gone"), format!("--{EVIL}"));
    for arguments in [
        &["run", &file][..],
        &["run", &missing],
        &["inspect", &missing],
        &["readapt", "-o", "x", &missing],
        &["readapt", "-o", "x", "--adapter", &missing, "ok.wat"],
        &["run", "--dir", &missing, "ok.wat"],
        &["compare", "--dir", &missing, "ok.wat"],
        &["probe", "--dir", &missing],
        &["preopens", "--dir", &missing],
        &["run", "--stdin", &missing, "ok.wat"],
        &["run", "--wasmtime", EVIL, "ok.wat"],
        &["run", "--timeout", EVIL, "ok.wat"],
        &["run", &flag],
        &[EVIL],
    ] {
        harmless(arguments, &tool(root.path(), arguments));
    }
    fs::write(root.path().join(&file), r#"(module (func (export "_start")))"#).unwrap();
    harmless(&["compare", &file], &tool(root.path(), &["compare", &file]));
}
