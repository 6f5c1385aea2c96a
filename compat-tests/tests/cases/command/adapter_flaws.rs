//! Known flaws of adapters, each seen in a run with adapters on both sides of its borders: what a guest sees is what the
//! report says. `preopen-names` is in `adapters`, the two flaws of long strings are in `long_strings`.

use std::fs;

use compat_tests::{Adapter, captured, component, dir, not_applicable, run, wat};
use tempfile::tempdir;
use wasmtime_compat::report::{GuestReport, IssueStatus};
use wasmtime_compat::wasi::Preopen;
use wasmtime_compat::{CoreWasmtime, Outcome, RunConfig};

use super::V;

/// Opens the file `file` for reading (rights 2), writing (64) or both, and keeps its descriptor in a global.
const OPEN: &str = r#"
    (global $fd (mut i32) (i32.const 0))
    (func $open (param $rights i64) (param $flags i32)
        (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 200) (i32.const 4) (i32.const 0)
            (local.get $rights) (i64.const 0) (local.get $flags) (i32.const 40)) (then unreachable))
        (global.set $fd (i32.load (i32.const 40))))"#;

/// A guest that puts numbers with `$say` and prints them at its end, a byte each.
fn guest(imports: &str, body: &str) -> Vec<u8> {
    wat(&format!(
        r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open"
            (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        {imports}
        (memory (export "memory") 1)
        (data (i32.const 200) "file")
        (global $at (mut i32) (i32.const 60000))
        (func $say (param i32)
            (i32.store8 (global.get $at) (local.get 0))
            (global.set $at (i32.add (global.get $at) (i32.const 1))))
        ;; One buffer of this length, at 1024.
        (func $buffer (param i32)
            (i32.store (i32.const 48) (i32.const 1024))
            (i32.store (i32.const 52) (local.get 0)))
        {OPEN}
        (func (export "_start")
            {body}
            (i32.store (i32.const 48) (i32.const 60000))
            (i32.store (i32.const 52) (i32.sub (global.get $at) (i32.const 60000)))
            (drop (call $fd_write (i32.const 1) (i32.const 48) (i32.const 1) (i32.const 56)))))"#
    ))
}

fn import(name: &str, params: &str) -> String {
    format!(r#"(import "wasi_snapshot_preview1" "{name}" (func ${name} (param {params}) (result i32)))"#)
}

/// What the guest printed; nothing if it was aborted.
fn seen(wasm: &[u8]) -> Option<Vec<u8>> {
    let host = tempdir().unwrap();
    let root = dir(host.path(), "root");
    fs::write(root.join("file"), "hello").unwrap();
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    config.wasi.preopen(Preopen::new(root, "/"));
    let done = run::<V>(wasm, &config).unwrap();
    matches!(done.outcome, Outcome::Exited(0)).then(|| done.stdout.bytes.clone())
}

/// Runs a guest with every adapter that the major serves: it sees `flawed` with those that the report calls affected,
/// and `right` with the others. Which of the adapters these are is given, so that the report must be right too.
fn check(id: &str, affected: &[Adapter], guest: &[u8], flawed: Option<&[u8]>, right: &[u8]) {
    for adapter in Adapter::served_on::<V>() {
        let wasm = component(guest, *adapter);
        let report = GuestReport::parse(&wasm).unwrap();
        let issue = report.adapters[0].issues.iter().find(|issue| issue.issue.id == id).unwrap();
        let expected = if affected.contains(adapter) { IssueStatus::Affected } else { IssueStatus::NotAffected };
        assert_eq!(issue.status, expected, "{id} with {adapter:?}");
        let expected = if affected.contains(adapter) { flawed } else { Some(right) };
        assert_eq!(seen(&wasm).as_deref(), expected, "{id} with {adapter:?}");
    }
}

#[test]
fn reading_a_directory_past_its_end() {
    let body = r#"(i32.store (i32.const 24) (i32.const 77))
        (call $say (call $fd_readdir (i32.const 3) (i32.const 1024) (i32.const 512) (i64.const 100) (i32.const 24)))
        (call $say (i32.load (i32.const 24)))"#;
    let guest = guest(&import("fd_readdir", "i32 i32 i32 i64 i32"), body);
    // With the flaw the number of bytes is not written.
    check("readdir-endless", &[Adapter::V24, Adapter::V29, Adapter::V36], &guest, Some(&[0, 77]), &[0, 0]);
}

#[test]
fn buffers_without_any_bytes() {
    let body = "(call $say (call $random_get (i32.const 1024) (i32.const 0)))";
    let random = guest(&import("random_get", "i32 i32"), body);
    check("empty-random-abort", &[Adapter::V24], &random, None, &[0]);

    let body = r#"(call $open (i64.const 2) (i32.const 0)) (call $buffer (i32.const 0))
        (call $say (call $fd_pread (global.get $fd) (i32.const 48) (i32.const 1) (i64.const 0) (i32.const 56)))"#;
    let pread = guest(&import("fd_pread", "i32 i32 i32 i64 i32"), body);
    check("empty-read-abort", &[Adapter::V24], &pread, None, &[0]);

    // `fd_read` aborts where the host returns no bytes, and not where it returns the end of the file.
    let body = r#"(call $open (i64.const 2) (i32.const 0)) (call $buffer (i32.const 0))
        (call $say (call $fd_read (global.get $fd) (i32.const 48) (i32.const 1) (i32.const 56)))"#;
    let read = guest(&import("fd_read", "i32 i32 i32 i32"), body);
    let flawed = (!(21..=24).contains(&V::MAJOR)).then_some(&[0][..]);
    check("empty-read-abort", &[Adapter::V24], &read, flawed, &[0]);

    // What was taken for affected as well: these work with every adapter.
    let body = r#"
        (call $say (call $fd_readdir (i32.const 3) (i32.const 1024) (i32.const 0) (i64.const 0) (i32.const 24)))
        (call $say (call $args_get (i32.const 1024) (i32.const 2048)))
        (call $say (call $environ_get (i32.const 1024) (i32.const 2048)))"#;
    let imports =
        [import("fd_readdir", "i32 i32 i32 i64 i32"), import("args_get", "i32 i32"), import("environ_get", "i32 i32")];
    for adapter in Adapter::served_on::<V>() {
        assert_eq!(seen(&component(&guest(&imports.concat(), body), *adapter)), Some(vec![0; 3]), "{adapter:?}");
    }
}

#[test]
fn a_descriptor_renumbered_onto_itself() {
    let body = r#"(call $open (i64.const 2) (i32.const 0))
        (call $say (call $fd_renumber (global.get $fd) (global.get $fd)))
        (call $open (i64.const 2) (i32.const 0)) (call $say (global.get $fd))
        (call $open (i64.const 2) (i32.const 0)) (call $say (global.get $fd))"#;
    check("renumber-trap", &[Adapter::V29], &guest(&import("fd_renumber", "i32 i32"), body), None, &[0, 5, 6]);
}

#[test]
fn a_descriptor_renumbered_onto_a_closed_one() {
    let open = "(call $open (i64.const 2) (i32.const 0))";
    let renumber = "(call $say (call $fd_renumber (global.get $fd) (i32.const 10)))";
    let accepted = guest(&import("fd_renumber", "i32 i32"), &format!("{open} {renumber}"));
    check("renumber-onto-closed", &[Adapter::V29], &accepted, Some(&[0]), &[8]);
    // What is accepted aborts the guest when it opens files later.
    let body = format!("{open} {renumber} {}", open.repeat(8));
    check("renumber-onto-closed", &[Adapter::V29], &guest(&import("fd_renumber", "i32 i32"), &body), None, &[8]);
}

#[test]
fn rights_that_are_not_taken_away() {
    let body = "(call $say (call $fd_fdstat_set_rights (i32.const 3) (i64.const 0) (i64.const 0)))";
    let guest = guest(&import("fd_fdstat_set_rights", "i32 i64 i64"), body);
    let affected = [Adapter::V24, Adapter::V29, Adapter::V36];
    check("set-rights-ignored", &affected, &guest, Some(&[0]), &[58]);
}

#[test]
fn reading_without_blocking() {
    let body = r#"(call $open (i64.const 2) (i32.const 4)) (call $buffer (i32.const 4))
        (call $say (call $fd_read (global.get $fd) (i32.const 48) (i32.const 1) (i32.const 56)))
        (call $say (i32.load (i32.const 56)))"#;
    let guest = guest(&import("fd_read", "i32 i32 i32 i32"), body);
    // A host may have read the file by then; the adapter has nothing to say in that case.
    if seen(&component(&guest, Adapter::V24)) == Some(vec![0, 4]) {
        return not_applicable("the host has the bytes of a file at once");
    }
    let affected = [Adapter::V24, Adapter::V29, Adapter::V36];
    check("nonblocking-zero", &affected, &guest, Some(&[0, 0]), &[6, 0]);
}

/// Fixed in 23, so that all adapters here are free of it.
#[test]
fn writes_to_what_is_open_for_something_else() {
    // An empty `fd_write` is left to the host, and the oldest hosts accept it.
    let body = r#"(call $buffer (i32.const 0))
        (call $open (i64.const 2) (i32.const 0))
        (call $say (call $fd_pwrite (global.get $fd) (i32.const 48) (i32.const 1) (i64.const 0) (i32.const 56)))
        (call $open (i64.const 64) (i32.const 0))
        (call $say (call $fd_fdstat_get (global.get $fd) (i32.const 64)))
        ;; The rights to read, and to read directories.
        (call $say (i32.and (i32.load8_u (i32.const 72)) (i32.const 2)))
        (call $say (i32.and (i32.load8_u (i32.const 73)) (i32.const 64)))
        (call $buffer (i32.const 3))
        (call $open (i64.const 64) (i32.const 1))
        (call $say (call $fd_pwrite (global.get $fd) (i32.const 48) (i32.const 1) (i64.const 0) (i32.const 56)))
        (call $buffer (i32.const 64))
        (call $open (i64.const 2) (i32.const 0))
        (call $say (call $fd_pread (global.get $fd) (i32.const 48) (i32.const 1) (i64.const 0) (i32.const 56)))
        (call $say (i32.load (i32.const 56)))"#;
    let imports = [
        import("fd_pwrite", "i32 i32 i32 i64 i32"),
        import("fd_pread", "i32 i32 i32 i64 i32"),
        import("fd_fdstat_get", "i32 i32"),
    ];
    check("write-checks", &[], &guest(&imports.concat(), body), None, &[8, 0, 0, 0, 0, 0, 8]);
}
