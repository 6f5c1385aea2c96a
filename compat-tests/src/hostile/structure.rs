//! Guests whose size is in their structure: components and texts that are refused before anything is compiled or run.

use super::{Ending, Hostile, Source};

/// What exports `wasi:cli/run`.
const RUN: &str = r#"
    (core module $main (func (export "run") (result i32) (i32.const 0)))
    (core instance $main (instantiate $main))
    (func $run (result (result)) (canon lift (core func $main "run")))
    (instance $exported (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $exported))"#;

pub(super) fn all() -> Vec<Hostile> {
    let mut all = components();
    all.extend(texts());
    all
}

fn components() -> Vec<Hostile> {
    let refused = |name, text: String| Hostile::text(name, Ending::Refused, text);
    vec![
        refused("exponential-component", exponential(30)).reported("comp-expo"),
        refused("doubled-tuples", doubled_tuples(80)).reported("component types"),
        refused("doubled-instance-types", doubled_instances(80)).reported("component types"),
        refused("instances-2000", instances(2000)).reported("component types"),
        refused("instances-30000", instances(30_000)).reported("component types"),
        Hostile::text("blocks-10000", Ending::Code(0), blocks(10_000)),
        refused("doubled-records", doubled_records(80)),
        refused("instances-of-globals", instances_of(&"(global i32 (i32.const 0))".repeat(20_000), 900)),
        refused(
            "instances-of-passive-elements",
            instances_of(&format!("(func $f) (elem func{})", " $f".repeat(20_000)), 900),
        ),
        refused("instances-of-active-elements", active_elements(100_000, 900)),
        refused(
            "instances-of-constant-expressions",
            instances_of(&format!("(global i32 i32.const 0{})", " i32.const 0 i32.add".repeat(60_000)), 900),
        ),
    ]
}

/// A component of `levels` lines, each of which instantiates the one before twice.
fn exponential(levels: u32) -> String {
    let lines: String = (1..=levels)
        .map(|n| {
            let before = n - 1;
            format!(
                "(component $c{n} (alias outer $top $c{before} (component $p))
                    (instance (instantiate $p)) (instance (instantiate $p)))"
            )
        })
        .collect();
    format!("(component $top (component $c0) {lines} (instance (instantiate $c{levels})) {RUN})")
}

/// So many instances of a module with these fields.
fn instances_of(fields: &str, count: usize) -> String {
    format!("(component (core module $m {fields}) {} {RUN})", "(core instance (instantiate $m))".repeat(count))
}

/// Modules that write the elements of one table again and again.
fn active_elements(elements: usize, count: usize) -> String {
    let instance = r#"(core instance (instantiate $m (with "a" (instance $t))))"#.repeat(count);
    format!(
        r#"(component (core module $t (table (export "t") {elements} funcref)) (core instance $t (instantiate $t))
            (core module $m (import "a" "t" (table {elements} funcref)) (func $f)
                (elem (i32.const 0) func{}))
            {instance} {RUN})"#,
        " $f".repeat(elements)
    )
}

/// Each type has the one before twice.
fn doubled_tuples(levels: u32) -> String {
    let types: String = (1..=levels).map(|n| format!("(type $t{n} (tuple $t{0} $t{0}))", n - 1)).collect();
    format!("(component (type $t0 (tuple u8 u8)) {types} {RUN})")
}

fn doubled_records(levels: u32) -> String {
    let record = |n: u32| format!("(type $t{n} (record (field \"a\" $t{0}) (field \"b\" $t{0})))", n - 1);
    let types: String = (1..=levels).map(record).collect();
    format!("(component (type $t0 (tuple u8 u8)) {types} {RUN})")
}

/// Each type of an instance exports two instances of the one before.
fn doubled_instances(levels: u32) -> String {
    let types: String = (1..=levels)
        .map(|n| {
            let before = n - 1;
            format!(
                "(type $t{n} (instance (alias outer $top $t{before} (type $p))
                    (export \"a\" (instance (type $p))) (export \"b\" (instance (type $p)))))"
            )
        })
        .collect();
    format!("(component $top (type $t0 (instance)) {types} (import \"i\" (instance (type $t{levels}))) {RUN})")
}

fn instances(count: usize) -> String {
    format!("(component (component $c) {} {RUN})", "(instance (instantiate $c))".repeat(count))
}

/// Nested blocks. In builds with debug assertions, the compilers of some majors check the path from the first block to
/// each block.
fn blocks(depth: usize) -> String {
    format!("(module (func (export \"_start\") {} {}))", "block ".repeat(depth), "end ".repeat(depth))
}

fn texts() -> Vec<Hostile> {
    let refused = |name, text| Hostile::new(name, Ending::Refused, Source::Unassembled(text));
    let nested: [(_, fn() -> String); 5] = [
        ("text-of-blocks", || format!("(module (func (export \"_start\") {}))", "block ".repeat(200_000))),
        ("text-of-components", || format!("{}{}", "(component ".repeat(100_000), ")".repeat(100_000))),
        ("text-of-types", || format!("(component (type {}u8{}))", "(list ".repeat(100_000), ")".repeat(100_000))),
        ("text-of-parentheses", || "(".repeat(3_000_000)),
        ("text-of-a-number", || {
            format!("(module (func (export \"_start\") (drop (i32.const {}))))", "9".repeat(6_000_000))
        }),
    ];
    let mut all: Vec<_> = nested.into_iter().map(|(name, text)| refused(name, text).reported("text format")).collect();
    // Annotations that are not known are skipped, however deep they are.
    let annotations =
        || format!("(module {}{} (func (export \"_start\")))", "(@a ".repeat(100_000), ")".repeat(100_000));
    all.push(
        Hostile::new("text-of-annotations", Ending::Code(0), Source::Unassembled(annotations)).reported("text format"),
    );
    all.push(
        refused("text-of-a-name", || format!("(module (func (export \"{}\")))", "a".repeat(10_000_000)))
            .reported("text format"),
    );
    all.push(refused("text-of-a-float", || {
        format!("(module (func (export \"_start\") (drop (f64.const 0x{}p9))))", "f".repeat(6_000_000))
    }));
    all.push(refused("text-of-a-comment", || "(;".repeat(1_000_000)));
    all
}
