//! Guests whose calls have invalid arguments: the outcome must blame the guest and not the host.

use super::{Ending, Hostile, Source};

/// A module of preview1 that calls one function, whose errno it ignores.
fn p1(name: &'static str, function: &str, parameters: &str, arguments: &str) -> Hostile {
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "{function}" (func $call (param {parameters}) (result i32)))
            (memory (export "memory") 1)
            (func (export "_start") (drop (call $call {arguments}))))"#
    );
    Hostile::text(name, Ending::Stopped, text)
}

fn p2(name: &'static str, body: &str) -> Hostile {
    Hostile::new(name, Ending::Stopped, Source::Preview2(format!("{body} (i32.const 0)")))
}

/// A component that makes the host call its `realloc`, which has this body.
fn realloc(name: &'static str, ending: Ending, body: &str) -> Hostile {
    let text = format!(
        r#"(component
            (import "wasi:random/random@0.2.0" (instance $random
                (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
            (core module $libc
                (memory (export "memory") 1)
                (func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) {body}))
            (core instance $libc (instantiate $libc))
            (core func $bytes (canon lower (func $random "get-random-bytes")
                (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
            (core module $main
                (import "" "bytes" (func $bytes (param i64 i32)))
                (func (export "run") (result i32) (call $bytes (i64.const 100) (i32.const 8)) (i32.const 0)))
            (core instance $main (instantiate $main (with "" (instance (export "bytes" (func $bytes))))))
            (func $run (result (result)) (canon lift (core func $main "run")))
            (instance $exported (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exported)))"#
    );
    Hostile::text(name, ending, text)
}

pub(super) fn all() -> Vec<Hostile> {
    let mut all = reported();
    all.extend(reallocs());
    all.extend(siblings());
    all
}

fn reported() -> Vec<Hostile> {
    let clock = "clock_time_get";
    let time = "i32 i64 i32";
    let all = vec![
        p1("fault-pointer-out-of-bounds", clock, time, "(i32.const 0) (i64.const 0) (i32.const 0xfffffff8)"),
        p1("fault-pointer-misaligned", clock, time, "(i32.const 0) (i64.const 0) (i32.const 1)"),
        p1("fault-clock", clock, time, "(i32.const 4) (i64.const 0) (i32.const 0)"),
        p1(
            "fault-rights",
            "path_open",
            "i32 i32 i32 i32 i32 i64 i64 i32 i32",
            "(i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0) (i64.const -1) (i64.const -1)
             (i32.const 0) (i32.const 8)",
        ),
        p2("fault-handle", "(call $read (i32.const 77) (i64.const 1) (i32.const 32))"),
        p2(
            "fault-discriminant",
            "(call $set-times (local.get $file) (i32.const 3) (i64.const 0) (i32.const 0) (i32.const 0) (i64.const 0)
                (i32.const 0) (i32.const 32))",
        ),
        Hostile::text(
            "fault-without-memory",
            Ending::Stopped,
            r#"(module
                (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
                (func (export "_start")
                    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#,
        ),
        Hostile::text("fault-exception", Ending::Refused, r#"(module (tag $e) (func (export "_start") (throw $e)))"#),
    ];
    all.into_iter().map(|guest| guest.reported("guest faults")).collect()
}

fn reallocs() -> Vec<Hostile> {
    vec![
        realloc("realloc-out-of-bounds", Ending::Stopped, "(i32.const 0xfffffff0)").reported("guest faults"),
        realloc(
            "realloc-recursion",
            Ending::Stopped,
            "(call $realloc (local.get 0) (local.get 1) (local.get 2) (local.get 3))",
        )
        .reported("recursion"),
        realloc("realloc-loop", Ending::TimedOut, "(loop $again (br $again)) (i32.const 0)").reported("timeouts"),
        realloc("realloc-misaligned-end", Ending::Stopped, "(i32.const 65535)"),
        realloc("realloc-traps", Ending::Stopped, "unreachable"),
    ]
}

fn siblings() -> Vec<Hostile> {
    vec![
        Hostile::text(
            "fault-exit-code",
            Ending::Stopped,
            r#"(module
                (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (memory (export "memory") 1)
                (func (export "_start") (call $exit (i32.const 255))))"#,
        ),
        p2("fault-list-misaligned", "(call $poll (i32.const 1) (i32.const 1) (i32.const 32))"),
        p2("fault-list-out-of-bounds", "(call $poll (i32.const 0xffffffc) (i32.const 2) (i32.const 32))"),
        p2("fault-list-empty", "(call $poll (i32.const 0) (i32.const 0) (i32.const 32))"),
        p2("fault-result-misaligned", "(call $random (i64.const 4) (i32.const 33))"),
        p2("fault-result-out-of-bounds", "(call $random (i64.const 4) (i32.const 0x10000000))"),
        p2("fault-handle-of-another-type", "(call $read (local.get $file) (i64.const 1) (i32.const 32))"),
        p2(
            "fault-string",
            "(i32.store (i32.const 64) (i32.const 0xffffffff))
             (call $open (i32.load (i32.load (i32.const 0))) (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 0)
                (i32.const 1) (i32.const 16))",
        ),
    ]
}
