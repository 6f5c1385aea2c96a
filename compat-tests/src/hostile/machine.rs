//! Guests that request too much of the machine itself: tables, memories, the stack and time; most import nothing.

use super::{Ending, Hostile, Setting};

/// A module whose `_start` repeats `body` without an end.
fn endless(definitions: &str, body: &str) -> String {
    format!("(module {definitions} (func (export \"_start\") (loop $again {body} (br $again))))")
}

fn grow(by: &str) -> String {
    format!(
        "(module (table $t 1 funcref) (func (export \"_start\")
            (if (i32.ne (table.grow $t (ref.null func) (i32.const {by})) (i32.const -1)) (then unreachable))))"
    )
}

pub(super) fn all() -> Vec<Hostile> {
    let mut all = tables();
    all.extend(stack());
    all.extend(loops());
    all
}

fn tables() -> Vec<Hostile> {
    let tables: String = (0..50)
        .map(|n| {
            format!(
                "(if (i32.eq (table.grow $t{n} (ref.null func) (i32.const 500000)) (i32.const -1)) (then (return)))"
            )
        })
        .collect();
    let declared: String = (0..50).map(|n| format!("(table $t{n} 1 funcref)")).collect();
    let externref = grow("0x7fffffff").replace("ref.null func", "ref.null extern").replace("funcref", "externref");
    let start = "(func (export \"_start\"))";
    vec![
        Hostile::text("table-grow-4g", Ending::Code(0), grow("0xfffffff0")).reported("tab-grow-4g"),
        Hostile::text("table-grow-4g-with-fuel", Ending::CodeOrStopped(0), grow("0xfffffff0"))
            .with(Setting::Fuel(1000))
            .reported("fuel"),
        Hostile::text("table-grow-256m", Ending::Code(0), grow("0x10000000")).reported("tab-grow-1g"),
        Hostile::text("table-grow-externref", Ending::Code(0), externref),
        Hostile::text("table-4g", Ending::Refused, format!("(module (table 0xffffffff funcref) {start})"))
            .reported("tab-4g"),
        Hostile::text("table-64m", Ending::Refused, format!("(module (table 0x4000000 funcref) {start})")),
        Hostile::text(
            "many-tables-grow",
            Ending::Code(0),
            format!("(module {declared} (func (export \"_start\") {tables} unreachable))"),
        ),
        Hostile::text(
            "memories-12g",
            Ending::Refused,
            format!("(module (memory 65536) (memory 65536) (memory 65536) {start})"),
        )
        .reported("guest faults"),
        Hostile::text("instance-over-limit", Ending::Refused, format!("(module {start})"))
            .with(Setting::Instances(0))
            .reported("guest faults"),
    ]
}

fn stack() -> Vec<Hostile> {
    let vectors: String = (0..2000).map(|n| format!("(local.set {n} (v128.load (i32.const {n})))")).collect();
    let stored: String = (0..2000).map(|n| format!("(v128.store (i32.const {n}) (local.get {n}))")).collect();
    vec![
        Hostile::text("recursion", Ending::Stopped, "(module (func $f (export \"_start\") (call $f)))")
            .reported("recursion"),
        Hostile::text(
            "recursion-of-vectors",
            Ending::Stopped,
            format!(
                "(module (memory 1) (func $f (export \"_start\") (local {}) {vectors} (call $f) {stored}))",
                "v128 ".repeat(2000)
            ),
        )
        .reported("recursion"),
        Hostile::text(
            "recursion-through-a-table",
            Ending::Stopped,
            "(module (type $t (func)) (table 1 funcref) (elem (i32.const 0) $f)
                (func $f (export \"_start\") (call_indirect (type $t) (i32.const 0))))",
        ),
        Hostile::text(
            "recursion-of-the-start-function",
            Ending::Refused,
            "(module (func $f (call $f)) (start $f) (func (export \"_start\")))",
        ),
    ]
}

/// Guests that run until their timeout.
fn loops() -> Vec<Hostile> {
    let late = |name, definitions: &str, body: &str| Hostile::text(name, Ending::TimedOut, endless(definitions, body));
    let collected = "(type $bytes (array (mut i64))) (global $last (mut (ref null $bytes)) (ref.null $bytes))";
    vec![
        late("endless-loop", "", ""),
        late("memory-fill-loop", "(memory 1024)", "(memory.fill (i32.const 0) (i32.const 1) (i32.const 0x4000000))")
            .reported("timeouts"),
        late("memory-copy-loop", "(memory 1024)", "(memory.copy (i32.const 1) (i32.const 0) (i32.const 0x3ffffff))"),
        late("memory-grow-loop", "(memory 1)", "(drop (memory.grow (i32.const 1)))"),
        late(
            "table-fill-loop",
            "(table $t 1000000 funcref)",
            "(table.fill $t (i32.const 0) (ref.null func) (i32.const 1000000))",
        ),
        late(
            "table-copy-loop",
            "(table $t 1000000 funcref)",
            "(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 999999))",
        ),
        late("table-grow-loop", "(table $t 1 funcref)", "(drop (table.grow $t (ref.null func) (i32.const 100000)))"),
        Hostile::text(
            "collection-loop",
            Ending::TimedOutOrRefused,
            endless(collected, "(global.set $last (array.new_default $bytes (i32.const 100000)))"),
        )
        .reported("timeouts"),
        Hostile::text(
            "start-function-loop",
            Ending::TimedOut,
            "(module (func $f (loop $again (br $again))) (start $f) (func (export \"_start\")))",
        )
        .reported("timeouts"),
        Hostile::text(
            "start-function-loop-of-a-component",
            Ending::TimedOut,
            r#"(component
                (core module $main (func $f (loop $again (br $again))) (start $f)
                    (func (export "run") (result i32) (i32.const 0)))
                (core instance $main (instantiate $main))
                (func $run (result (result)) (canon lift (core func $main "run")))
                (instance $exported (export "run" (func $run)))
                (export "wasi:cli/run@0.2.0" (instance $exported)))"#,
        )
        .reported("timeouts"),
    ]
}
