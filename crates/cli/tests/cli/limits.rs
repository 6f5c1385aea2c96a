//! The flags of limits: each is reached by a guest that requests a little more, with `run`, and in a process of its own.

use std::path::Path;

use tempfile::tempdir;

use crate::majors::enabled;
use crate::user::tool;

/// The exit code of a guest that trapped.
const TRAPPED: i32 = 134;

/// A guest with a memory of one page and a table of one element, which exits with the errno or the mark that `body` leaves.
fn guest(root: &Path, body: &str) {
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "path_open"
                (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (table $t 1 funcref)
            (data (i32.const 0) "\20\00\00\00\64\00\00\00.")
            (func (export "_start") (call $exit {body})))"#
    );
    std::fs::write(root.join("guest.wat"), text).unwrap();
}

const GROW_MEMORY: &str = "(i32.eq (memory.grow (i32.const 10)) (i32.const -1))";
const GROW_TABLE: &str = "(i32.eq (table.grow $t (ref.null func) (i32.const 20)) (i32.const -1))";
const RANDOM: &str = "(call $random (i32.const 64) (i32.const 100))";
const WRITE: &str = "(call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 512))";
/// Opens the directory until that fails, at most 20 times.
const OPEN: &str = "(block (result i32) (loop $again
    (br_if 1 (i32.const 9) (call $open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 2) (i64.const 0)
        (i64.const 0) (i32.const 0) (i32.const 512))) (drop)
    (i32.store (i32.const 516) (i32.add (i32.load (i32.const 516)) (i32.const 1)))
    (br_if $again (i32.lt_u (i32.load (i32.const 516)) (i32.const 20)))) (i32.const 0))";

/// The flags, the guest, and its exit code with them; without them it is 0.
const LIMITED: &[(&[&str], &str, i32)] = &[
    (&["--max-memory", "131072"], GROW_MEMORY, 1),
    (&["--max-total-memory", "131072"], GROW_MEMORY, 1),
    (&["--max-memory", "131072", "--trap-on-grow-failure"], GROW_MEMORY, TRAPPED),
    (&["--max-table", "10"], GROW_TABLE, 1),
    (&["--max-table-elements", "10"], GROW_TABLE, 1),
    (&["--max-table", "10", "--trap-on-grow-failure"], GROW_TABLE, TRAPPED),
    (&["--max-instances", "0"], "(i32.const 0)", TRAPPED),
    (&["--max-memories", "0"], "(i32.const 0)", TRAPPED),
    (&["--max-tables", "0"], "(i32.const 0)", TRAPPED),
    (&["--max-handles", "10"], OPEN, TRAPPED),
    (&["--max-call-bytes", "50"], WRITE, 48),
    (&["--max-random", "50"], RANDOM, TRAPPED),
];

#[test]
fn each_limit_has_a_flag() {
    let root = tempdir().unwrap();
    for major in enabled() {
        let run = |more: &[&str]| {
            let mut command = tool();
            command.args(["run", "--wasmtime", &major.major().to_string(), "--dir", "."]).args(more).arg("guest.wat");
            command.current_dir(root.path()).output().unwrap()
        };
        for (flags, body, code) in LIMITED {
            guest(root.path(), body);
            let (with, without) = (run(flags), run(&[]));
            assert_eq!(with.status.code(), Some(*code), "{} {flags:?}: {with:?}", major.major());
            assert_eq!(without.status.code(), Some(0), "{} without {flags:?}: {without:?}", major.major());
        }
    }
}

#[test]
fn a_process_of_its_own_has_the_same_limits() {
    let Some(major) = enabled().last() else { return };
    let root = tempdir().unwrap();
    guest(root.path(), GROW_TABLE);
    for (flags, code) in [(&["--max-table", "10"][..], 1), (&["--max-table", "10", "--trap-on-grow-failure"], TRAPPED)]
    {
        let mut command = tool();
        command.args(["run", "--isolate", "--wasmtime", &major.major().to_string()]).args(flags).arg("guest.wat");
        let output = command.current_dir(root.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{flags:?}: {output:?}");
    }
}

#[test]
fn none_lifts_a_limit() {
    let root = tempdir().unwrap();
    guest(root.path(), "(i32.eq (table.grow $t (ref.null func) (i32.const 20000000)) (i32.const -1))");
    for major in enabled() {
        for (limit, code) in [("16777216", 1), ("none", 0)] {
            let mut command = tool();
            command.args(["run", "--wasmtime", &major.major().to_string(), "--max-table-elements", limit, "guest.wat"]);
            let output = command.current_dir(root.path()).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{} {limit}: {output:?}", major.major());
        }
    }
}
