//! Modules that request too much of preview1.

use super::{Ending, Hostile, Setting};

/// Errno `ENOMEM` of preview1.
const NOMEM: Ending = Ending::Code(48);

/// A module that exits with what `call` returns. Its directory is descriptor 3, and 4 is the file `f` in it.
fn p1(
    name: &'static str,
    pages: u32,
    import: &str,
    parameters: &str,
    before: &str,
    arguments: &str,
    ending: Ending,
) -> Hostile {
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "path_open"
                (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "{import}" (func $call (param {parameters}) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") {pages})
            (data (i32.const 64) "f")
            (func (export "_start")
                (if (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0)
                        (i64.const 0x42) (i64.const 0) (i32.const 0) (i32.const 72))
                    (then unreachable))
                {before}
                (call $exit (call $call {arguments}))))"#
    );
    Hostile::text(name, ending, text)
}

/// One iovec at address 0.
fn iovec(address: &str, length: &str) -> String {
    format!("(i32.store (i32.const 0) (i32.const {address})) (i32.store (i32.const 4) (i32.const {length}))")
}

/// Reads 4 GiB of standard input into a memory that threads could share, whose bytes the host copies.
const SHARED_READ: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 65536 65536 shared)
    (data (i32.const 0) "\10\00\00\00\f0\ff\ff\ff")
    (func (export "_start") (call $exit (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

/// Waits for another thread without an end, which no timeout would end.
const SHARED_WAIT: &str = r#"(module (memory (export "memory") 1 1 shared)
    (func (export "_start") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))"#;

/// Renumbers its directory to itself and onto descriptors that are closed, then opens the file again (RUSTSEC-2025-0046,
/// RUSTSEC-2026-0182). It exits with the errno of the second.
const RENUMBER: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_renumber" (func $renumber (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 64) "f")
    (func $opened
        (if (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0)
                (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 72))
            (then unreachable)))
    (func (export "_start") (local $errno i32)
        (if (call $renumber (i32.const 3) (i32.const 3)) (then unreachable))
        (call $opened)
        (if (call $close (i32.load (i32.const 72))) (then unreachable))
        (local.set $errno (call $renumber (i32.const 3) (i32.load (i32.const 72))))
        (if (i32.ne (call $renumber (i32.const 3) (i32.const 0x7fffffff)) (local.get $errno)) (then unreachable))
        (call $opened)
        (call $opened)
        (call $exit (local.get $errno))))"#;

pub(super) fn all() -> Vec<Hostile> {
    let numbers = |numbers: &[&str]| -> String { numbers.iter().map(|n| format!("(i32.const {n}) ")).collect() };
    let io = "i32 i32 i32 i32";
    let at = "i32 i32 i32 i64 i32";
    let place =
        |fd: &str, list: &str, count: &str| format!("{} (i64.const 0) (i32.const 16)", numbers(&[fd, list, count]));
    // Memories of 4 GiB are not touched, so they take no room.
    let all = 65536;
    let path = "i32 i32 i32";
    vec![
        p1("poll-max", 1, "poll_oneoff", io, "", &numbers(&["0", "0", "-1", "0"]), NOMEM).reported("p1-poll-max"),
        p1("poll-max-with-fuel", 1, "poll_oneoff", io, "", &numbers(&["0", "0", "-1", "0"]), NOMEM)
            .with(Setting::Fuel(1000))
            .reported("fuel"),
        p1("poll-64m", all, "poll_oneoff", io, "", &numbers(&["0", "0", "0x4000000", "0"]), NOMEM)
            .reported("p1-poll-many"),
        p1("poll-2m", 4000, "poll_oneoff", io, "", &numbers(&["0", "0", "2000000", "0"]), NOMEM),
        p1("random-max", 1, "random_get", "i32 i32", "", &numbers(&["0", "-1"]), Ending::Stopped)
            .reported("p1-random-oob"),
        p1("random-nothing", 1, "random_get", "i32 i32", "", &numbers(&["-1", "0"]), Ending::Code(0)),
        p1("random-out-of-bounds", 1, "random_get", "i32 i32", "", &numbers(&["0", "0x3000000"]), Ending::Stopped),
        p1("random-over-limit", all, "random_get", "i32 i32", "", &numbers(&["0", "0x4000001"]), Ending::Stopped)
            .reported("guest faults"),
        p1("write-empty-iovecs", all, "fd_write", io, "", &numbers(&["1", "64", "0x1ffffff0", "0"]), NOMEM)
            .reported("p1-iovs-huge"),
        p1("read-empty-iovecs", all, "fd_read", io, "", &numbers(&["4", "128", "0x1fffffe0", "0"]), NOMEM),
        p1("write-empty-iovecs-to-a-file", all, "fd_write", io, "", &numbers(&["4", "128", "0x1fffffe0", "0"]), NOMEM),
        p1("pread-empty-iovecs", all, "fd_pread", at, "", &place("4", "128", "0x1fffffe0"), NOMEM),
        p1("pwrite-empty-iovecs", all, "fd_pwrite", at, "", &place("4", "128", "0x1fffffe0"), NOMEM),
        p1("write-4g", all, "fd_write", io, &iovec("16", "0xfffffff0"), &numbers(&["1", "0", "1", "8"]), NOMEM)
            .reported("p1-fdwrite-4g"),
        p1("write-file-4g", all, "fd_write", io, &iovec("16", "0xfffffff0"), &numbers(&["4", "0", "1", "8"]), NOMEM),
        p1("pwrite-4g", all, "fd_pwrite", at, &iovec("16", "0xfffffff0"), &place("4", "0", "1"), NOMEM),
        p1(
            "read-out-of-bounds",
            2,
            "fd_read",
            io,
            &iovec("65536", "0xfffe0000"),
            &numbers(&["4", "0", "1", "8"]),
            NOMEM,
        )
        .reported("p1-file-read-oob"),
        p1("pread-out-of-bounds", 2, "fd_pread", at, &iovec("65536", "0xfffe0000"), &place("4", "0", "1"), NOMEM),
        p1(
            "read-stdin-out-of-bounds",
            2,
            "fd_read",
            io,
            &iovec("65536", "0xfffe0000"),
            &numbers(&["0", "0", "1", "8"]),
            NOMEM,
        ),
        Hostile::text("read-into-shared-memory-4g", Ending::Refused, SHARED_READ).reported("shared memory"),
        Hostile::text("wait-in-shared-memory", Ending::Refused, SHARED_WAIT),
        p1("path-1g", all, "path_unlink_file", path, "", &numbers(&["3", "0", "0x40000000"]), NOMEM),
        p1(
            "paths-1g",
            all,
            "path_rename",
            "i32 i32 i32 i32 i32 i32",
            "",
            &numbers(&["3", "0", "0x7ffffff", "3", "0", "0x7ffffff"]),
            NOMEM,
        ),
        p1("path-out-of-bounds", 1, "path_create_directory", path, "", &numbers(&["3", "0", "-1"]), NOMEM),
        p1(
            "readdir-out-of-bounds",
            1,
            "fd_readdir",
            "i32 i32 i32 i64 i32",
            "",
            "(i32.const 3) (i32.const 0xfff0) (i32.const -1) (i64.const 0) (i32.const 8)",
            Ending::Stopped,
        ),
        Hostile::text("renumber-to-itself-and-onto-closed", Ending::Code(8), RENUMBER).reported("descriptors"),
        p1("accept", 1, "sock_accept", path, "", &numbers(&["3", "0", "0"]), Ending::Code(57)),
        p1("shutdown", 1, "sock_shutdown", "i32 i32", "", &numbers(&["99", "1"]), Ending::Code(8)),
        p1(
            "receive",
            1,
            "sock_recv",
            "i32 i32 i32 i32 i32 i32",
            "",
            &numbers(&["3", "0", "-1", "0", "0", "0"]),
            Ending::Code(57),
        ),
    ]
}
