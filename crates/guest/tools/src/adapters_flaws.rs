//! Owns `cargo xtask adapters --flaws`: runs of every adapter, compared with the table of flaws.
//!
//! Wasmtime runs the components, as its package for Python has it: no major of this repository is compiled for that.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use semver::Version;
use serde_json::{Value, json};
use wasmtime_compat_guest::report::{GuestReport, adapter_issues};

use xtask::process;

use crate::adapter_guests::encode;
use crate::adapters::{Flavour, Old, Published};

/// The program that runs the components.
const RUN: &str = "crates/guest/tools/flaws/run.py";

/// The package for Python that has a Wasmtime.
const WASMTIME: &str = "wasmtime==50.0.1";

/// Releases of the adapters that programs carry. Older ones import release candidates of WASI, which that Wasmtime does not
/// host; the bounds of one from between two releases are those of the older release.
const OLD: Range<Version> = Version::new(17, 0, 0)..Version::new(23, 0, 0);

/// Functions of preview1 with their parameters: `i` is an i32, `l` an i64.
const FUNCTIONS: [(&str, &str); 14] = [
    ("args_get", "ii"),
    ("args_sizes_get", "ii"),
    ("environ_get", "ii"),
    ("environ_sizes_get", "ii"),
    ("fd_fdstat_get", "ii"),
    ("fd_fdstat_set_rights", "ill"),
    ("fd_pread", "iiili"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_prestat_get", "ii"),
    ("fd_pwrite", "iiili"),
    ("fd_read", "iiii"),
    ("fd_readdir", "iiili"),
    ("fd_renumber", "ii"),
    ("random_get", "ii"),
];

/// The guests, each with what it does. They print what they see at their end, a byte for each `$say`.
const GUESTS: [(&str, &str); 12] = [
    (
        "readdir",
        "(i32.store (i32.const 24) (i32.const 77))
        (call $say (call $fd_readdir (i32.const 3) (i32.const 1024) (i32.const 512) (i64.const 100) (i32.const 24)))
        (call $say (i32.load (i32.const 24)))",
    ),
    ("random", "(call $say (call $random_get (i32.const 1024) (i32.const 0)))"),
    (
        "pread",
        "(call $open (i64.const 2) (i32.const 0)) (call $buffer (i32.const 0))
        (call $say (call $fd_pread (global.get $fd) (i32.const 48) (i32.const 1) (i64.const 0) (i32.const 56)))",
    ),
    (
        "renumber-itself",
        "(call $open (i64.const 2) (i32.const 0))
        (call $say (call $fd_renumber (global.get $fd) (global.get $fd)))
        (call $open (i64.const 2) (i32.const 0)) (call $say (global.get $fd))
        (call $open (i64.const 2) (i32.const 0)) (call $say (global.get $fd))",
    ),
    (
        "renumber-closed",
        "(call $open (i64.const 2) (i32.const 0))
        (call $say (call $fd_renumber (global.get $fd) (i32.const 10)))",
    ),
    (
        "renumber-closed-open",
        "(local $left i32) (local.set $left (i32.const 8))
        (call $open (i64.const 2) (i32.const 0))
        (call $say (call $fd_renumber (global.get $fd) (i32.const 10)))
        (loop $more (call $open (i64.const 2) (i32.const 0))
            (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))",
    ),
    ("rights", "(call $say (call $fd_fdstat_set_rights (i32.const 3) (i64.const 0) (i64.const 0)))"),
    (
        "non-blocking",
        "(call $open (i64.const 2) (i32.const 4)) (call $buffer (i32.const 4))
        (call $say (call $fd_read (global.get $fd) (i32.const 48) (i32.const 1) (i32.const 56)))
        (call $say (i32.load (i32.const 56)))",
    ),
    (
        "write-empty",
        "(call $buffer (i32.const 0)) (call $open (i64.const 2) (i32.const 0))
        (call $say (call $fd_pwrite (global.get $fd) (i32.const 48) (i32.const 1) (i64.const 0) (i32.const 56)))
        (call $open (i64.const 64) (i32.const 0))
        (call $say (call $fd_fdstat_get (global.get $fd) (i32.const 64)))
        (call $say (i32.and (i32.load8_u (i32.const 73)) (i32.const 64)))",
    ),
    (
        "write-append",
        "(call $buffer (i32.const 3)) (call $open (i64.const 64) (i32.const 1))
        (call $say (call $fd_pwrite (global.get $fd) (i32.const 48) (i32.const 1) (i64.const 0) (i32.const 56)))
        (call $buffer (i32.const 64)) (call $open (i64.const 2) (i32.const 0))
        (call $say (call $fd_pread (global.get $fd) (i32.const 48) (i32.const 1) (i64.const 0) (i32.const 56)))
        (call $say (i32.load (i32.const 56)))",
    ),
    (
        "strings",
        "(drop (call $args_sizes_get (i32.const 24) (i32.const 28)))
        (drop (call $args_get (i32.const 65536) (i32.const 262144)))
        (drop (call $environ_sizes_get (i32.const 24) (i32.const 28)))
        (drop (call $environ_get (i32.const 65536) (i32.const 262144)))",
    ),
    (
        "names",
        "(local $fd i32) (local.set $fd (i32.const 3))
        (block $done (loop $next
            (br_if $done (call $fd_prestat_get (local.get $fd) (i32.const 24)))
            (drop (call $fd_prestat_dir_name (local.get $fd) (global.get $at) (i32.load (i32.const 28))))
            (global.set $at (i32.add (global.get $at) (i32.load (i32.const 28))))
            (call $say (i32.const 44))
            (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
            (br $next)))",
    ),
];

/// Encodes the guests with every command adapter, runs them, and compares; fails if a run disagrees with the table.
pub(crate) fn run(root: &Path, scratch: &Path, published: &[Published], old: &[Old]) -> Result<()> {
    let folder = scratch.join("flaws");
    fs::create_dir_all(&folder).with_context(|| format!("make {folder:?}"))?;
    let published = published
        .iter()
        .filter(|adapter| adapter.flavour == Flavour::Command)
        .map(|adapter| (adapter.version.clone(), &adapter.wasm));
    let old = old
        .iter()
        .filter(|adapter| adapter.flavour == Flavour::Command)
        .filter_map(|adapter| Some((adapter.releases().next()?, &adapter.wasm)))
        .filter(|(version, _)| OLD.contains(version));
    let mut expected: Vec<Value> = Vec::new();
    for (index, (version, adapter)) in old.chain(published).enumerate() {
        let mut argument = None;
        for (name, body) in GUESTS {
            let component = encode(&guest(body)?, adapter).with_context(|| format!("{version}, {name}"))?;
            if name == "strings" {
                let report = GuestReport::parse(&component).map_err(|error| anyhow::anyhow!("{error}"))?;
                let bounds = report.adapters.first().and_then(|adapter| adapter.string_bounds());
                argument = Some(bounds.with_context(|| format!("{version} has no bounds of strings"))?.argument);
            }
            let path = folder.join(format!("{index}.{name}.wasm"));
            fs::write(&path, component).with_context(|| format!("write {path:?}"))?;
        }
        let flaws: Vec<&str> =
            adapter_issues().iter().filter(|issue| issue.affects(&version)).map(|issue| issue.id).collect();
        expected.push(json!({ "version": version.to_string(), "flaws": flaws, "argument": argument }));
    }
    let path = folder.join("expected.json");
    fs::write(&path, serde_json::to_string(&expected)?).with_context(|| format!("write {path:?}"))?;
    let environment = scratch.join("python");
    let python = "is python3 with venv installed? it runs the components";
    process::run(Command::new("python3").args(["-m", "venv"]).arg(&environment)).context(python)?;
    let program = environment.join(if cfg!(windows) { "Scripts" } else { "bin" }).join("python");
    process::run(Command::new(&program).args(["-m", "pip", "install", "--quiet", WASMTIME])).context(python)?;
    process::run(Command::new(&program).arg(root.join(RUN)).arg(&folder))
}

/// The guest that does `body`, with the imports that this calls.
fn guest(body: &str) -> Result<Vec<u8>> {
    let mut imports = String::new();
    for (name, params) in FUNCTIONS.iter().filter(|(name, _)| body.contains(&format!("(call ${name} "))) {
        let params: Vec<&str> = params.chars().map(|param| if param == 'i' { "i32" } else { "i64" }).collect();
        imports += &format!(
            "(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param {}) (result i32)))\n",
            params.join(" ")
        );
    }
    let text = format!(
        r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open"
            (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        {imports}
        (memory (export "memory") 16)
        (data (i32.const 200) "file")
        (global $at (mut i32) (i32.const 60000))
        (global $fd (mut i32) (i32.const 0))
        (func $say (param i32)
            (i32.store8 (global.get $at) (local.get 0))
            (global.set $at (i32.add (global.get $at) (i32.const 1))))
        ;; One buffer of this length, at 1024.
        (func $buffer (param i32)
            (i32.store (i32.const 48) (i32.const 1024))
            (i32.store (i32.const 52) (local.get 0)))
        ;; Opens the file with these rights: 2 to read, 64 to write.
        (func $open (param $rights i64) (param $flags i32)
            (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 200) (i32.const 4) (i32.const 0)
                (local.get $rights) (i64.const 0) (local.get $flags) (i32.const 40)) (then unreachable))
            (global.set $fd (i32.load (i32.const 40))))
        (func $body {body})
        (func (export "_start")
            (call $body)
            (i32.store (i32.const 48) (i32.const 60000))
            (i32.store (i32.const 52) (i32.sub (global.get $at) (i32.const 60000)))
            (drop (call $fd_write (i32.const 1) (i32.const 48) (i32.const 1) (i32.const 56)))))"#
    );
    Ok(wat::parse_str(text)?)
}
