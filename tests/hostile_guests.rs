//! Guests made to cost the guest report memory or time: what it takes stays in proportion to their size.

#[path = "shared/harmless.rs"]
mod harmless;

use std::time::{Duration, Instant};

use wasmtime_compat::report::GuestReport;

use self::harmless::{check, measured};

/// How large they are, roughly.
const SIZE: usize = 1 << 19;

/// Far more than is needed, also without optimisation and on a busy machine; what is quadratic needs minutes.
const LONGEST: Duration = Duration::from_secs(20);

fn harmless(wasm: &[u8]) {
    assert!(wasm.len() >= SIZE / 2, "{} bytes are too few to show anything", wasm.len());
    let started = Instant::now();
    check(wasm);
    let elapsed = started.elapsed();
    assert!(elapsed < LONGEST, "{elapsed:?}");
}

fn leb(mut number: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

fn name(name: &str) -> Vec<u8> {
    [leb(name.len()), name.into()].concat()
}

fn section(id: u8, contents: &[u8]) -> Vec<u8> {
    [vec![id], leb(contents.len()), contents.to_vec()].concat()
}

/// A section of items.
fn items(id: u8, items: &[Vec<u8>]) -> Vec<u8> {
    section(id, &[leb(items.len()), items.concat()].concat())
}

fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0".to_vec(), sections.concat()].concat()
}

fn component(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x0d\0\x01\0".to_vec(), sections.concat()].concat()
}

/// `[] -> []`.
fn plain() -> Vec<u8> {
    vec![0x60, 0, 0]
}

fn import(module: &str, field: &str) -> Vec<u8> {
    [name(module), name(field), vec![0, 0]].concat()
}

fn export(field: &str) -> Vec<u8> {
    [name(field), vec![0, 0]].concat()
}

fn body(code: &[u8]) -> Vec<u8> {
    [leb(code.len() + 2), vec![0], code.to_vec(), vec![0x0b]].concat()
}

/// A module of the shape of an adapter, with these types and imports, and one function with this code.
fn adapter(types: &[Vec<u8>], imports: &[Vec<u8>], code: &[u8]) -> Vec<u8> {
    module(&[
        items(1, types),
        items(2, imports),
        items(3, &[vec![0]]),
        items(7, &[export("fd_read")]),
        items(10, &[body(code)]),
    ])
}

#[test]
fn components_in_components() {
    // From the inside out, each in front of what it holds: that is put together at the end.
    let (mut heads, mut size) = (Vec::new(), 8);
    while size < SIZE {
        let head = [b"\0asm\x0d\0\x01\0\x04".to_vec(), leb(size)].concat();
        size += head.len();
        heads.push(head);
    }
    heads.reverse();
    harmless(&[heads.concat(), component(&[])].concat());
}

#[test]
fn many_names_that_are_empty() {
    harmless(&module(&[items(7, &vec![export(""); SIZE / 3])]));
    harmless(&module(&[items(2, &vec![import("", ""); SIZE / 4])]));
    harmless(&component(&[items(10, &vec![vec![0, 0, 1, 0]; SIZE / 4])]));
    harmless(&component(&vec![items(10, &[vec![0, 0, 1, 0]]); SIZE / 8]));
}

#[test]
fn many_imports_from_wasi() {
    harmless(&module(&[items(2, &vec![import("wasi_unstable", ""); SIZE / 17])]));
    let of_component = |name: &str| [vec![0], self::name(name), vec![1, 0]].concat();
    harmless(&component(&[items(10, &vec![of_component("wasi:"); SIZE / 9])]));
    let versions: Vec<_> = (0..SIZE / 16).map(|patch| of_component(&format!("wasi:@0.2.{patch}"))).collect();
    harmless(&component(&[items(10, &versions)]));
}

#[test]
fn one_long_name_for_many_imports() {
    let long = "m".repeat(SIZE / 8);
    let fields = vec![vec![0]; SIZE / 8];
    // The name of the module, an empty name, 0x7e: so many names share it and this type.
    let group = [name(&long), vec![0, 0x7e, 0, 0], leb(fields.len()), fields.concat()].concat();
    harmless(&[module(&[items(2, &[group])]), section(0, &[name("x"), vec![0; SIZE / 4]].concat())].concat());
}

#[test]
fn modules_that_could_just_be_adapters() {
    let least = module(&[items(7, &[export("fd_")])]);
    harmless(&component(&vec![section(1, &least); SIZE / (least.len() + 2)]));
    // As small as what is looked at.
    let code = [0x41, 0, 0x1a].repeat(100);
    let small = adapter(&[plain()], &[import("env", "f")], &code);
    harmless(&component(&vec![section(1, &small); SIZE / small.len()]));
}

#[test]
fn adapters_with_too_much_of_something() {
    let many = SIZE / 4;
    harmless(&adapter(&vec![plain(); many], &[], &[]));
    harmless(&adapter(&[[vec![0x4e], leb(many), vec![plain(); many].concat()].concat()], &[], &[]));
    harmless(&adapter(&[plain()], &vec![import("", ""); many], &[]));
    let exports: Vec<_> = (0..many / 4).map(|number| export(&format!("fd_{number}"))).collect();
    harmless(&module(&[items(7, &exports)]));
    harmless(&module(&[items(7, &[export("fd_read")]), items(10, &vec![body(&[]); many])]));
    let locals: Vec<_> = (0..many).map(|at| vec![1, if at % 2 == 0 { 0x7f } else { 0x7e }]).collect();
    let body = [leb(locals.len()), locals.concat(), vec![0x0b]].concat();
    let body = [leb(body.len()), body].concat();
    let sections = [items(1, &[plain()]), items(3, &[vec![0]]), items(7, &[export("fd_read")]), items(10, &[body])];
    harmless(&module(&sections));
}

#[test]
fn code_that_is_dear_to_read() {
    // Each global another one.
    let globals: Vec<u8> = (0..SIZE / 4).flat_map(|global| [vec![0x23], leb(global)].concat()).collect();
    harmless(&adapter(&[plain()], &[], &globals));
    // Each call to an import with a long name.
    let calls = [0x10, 0].repeat(SIZE / 2);
    harmless(&adapter(&[plain()], &[import("env", &"f".repeat(SIZE / 8))], &calls));
    // Each block with many parameters.
    let wide = [vec![0x60], leb(1000), vec![0x7f; 1000], leb(1000), vec![0x7f; 1000]].concat();
    let blocks = [0x02, 1, 0x0b].repeat(SIZE / 3);
    harmless(&adapter(&[plain(), wide], &[], &blocks));
}

/// Found by fuzzing: room was made for as many types as a group of them said it had.
#[test]
fn a_group_of_types_that_says_it_is_large() {
    let group = [vec![0x4e], leb(1_000_000), plain()].concat();
    check(&adapter(&[group], &[], &[]));
}

#[test]
fn memory_is_measured() {
    let wasm = module(&[items(2, &[import("wasi_snapshot_preview1", "fd_read")])]);
    let (report, peak) = measured(|| GuestReport::parse(&wasm));
    assert_eq!(report.unwrap().wasi.len(), 1);
    assert!(peak > 100, "{peak}");
}
