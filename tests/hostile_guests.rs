//! Guests made to cost the guest report memory or time: what it takes stays in proportion to their size.

#[path = "shared/harmless.rs"]
mod harmless;

use std::time::{Duration, Instant};

use wasmtime_compat::ErrorKind;
use wasmtime_compat::report::{GuestReport, HostReason, Verdict};

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

/// `a`, `b` … `z`, `aa` …
fn word(mut number: usize) -> String {
    let mut word = String::new();
    loop {
        word.push(char::from(b"abcdefghijklmnopqrstuvwxyz"[number % 26]));
        number /= 26;
        if number == 0 {
            return word;
        }
        number -= 1;
    }
}

fn refused(wasm: &[u8], why: &str) {
    harmless_small(wasm);
    let error = GuestReport::parse(wasm).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidGuest);
    assert!(error.to_string().contains(why), "{error}");
}

/// However small it is.
fn harmless_small(wasm: &[u8]) {
    let started = Instant::now();
    check(wasm);
    assert!(started.elapsed() < LONGEST, "{:?}", started.elapsed());
}

const TOO_MUCH: &str = "it declares more than a guest of its size can have";

#[test]
fn declarations_that_are_dear_to_keep() {
    let distinct = |number: usize| {
        let digits: Vec<u8> = (0..10).map(|digit| 0x7c + (number >> (2 * digit) & 3) as u8).collect();
        [vec![0x60, 10], digits, vec![0]].concat()
    };
    refused(&module(&[items(1, &(0..SIZE / 13).map(distinct).collect::<Vec<_>>())]), TOO_MUCH);
    refused(&module(&[items(1, &[[vec![0x4e], leb(SIZE / 3), plain().repeat(SIZE / 3)].concat()])]), TOO_MUCH);
    let imports: Vec<_> = (0..SIZE / 8).map(|number| import("", &word(number))).collect();
    refused(&module(&[items(1, &[plain()]), items(2, &imports)]), TOO_MUCH);
    // Of components: types of nothing, of components, of modules; imports of resources.
    for ty in [vec![0x7f], vec![0x41, 0], vec![0x42, 0], vec![0x3f, 0x7f, 0]] {
        refused(&component(&[items(7, &vec![ty; SIZE / 4])]), TOO_MUCH);
    }
    refused(&component(&[items(3, &vec![vec![0x50, 0]; SIZE / 2])]), TOO_MUCH);
    let resource = |number| [vec![0], name(&word(number)), vec![3, 1]].concat();
    refused(&component(&[items(10, &(0..SIZE / 8).map(resource).collect::<Vec<_>>())]), TOO_MUCH);
    let declarations = [vec![0x42], leb(SIZE / 2), [1, 0x7f].repeat(SIZE / 2)].concat();
    refused(&component(&[items(7, &[declarations])]), TOO_MUCH);
    // In the module of a component a name that many imports share is kept for each.
    let long = "m".repeat(SIZE / 8);
    let group = [name(&long), vec![0, 0x7e, 0, 0], leb(SIZE / 8), vec![0; SIZE / 8]].concat();
    let inner = module(&[items(1, &[plain()]), items(2, &[group])]);
    refused(&component(&[section(1, &inner)]), TOO_MUCH);
}

#[test]
fn sections_without_end() {
    refused(&module(&vec![section(0, &name("")); SIZE]), TOO_MUCH);
    refused(&component(&vec![items(7, &[]); SIZE]), TOO_MUCH);
    refused(&component(&vec![section(1, &module(&[items(10, &[])])); SIZE / 13]), TOO_MUCH);
    // As many as wasmparser allows.
    let empty = section(4, &component(&[]));
    harmless_small(&component(&vec![empty; 999]));
    let nested = (0..999).fold(component(&[]), |inner, _| component(&[section(4, &inner)]));
    harmless_small(&nested);
}

/// The type of an instance with a resource and `functions` that use it.
fn instance(functions: usize) -> Vec<u8> {
    let mut declarations = vec![[vec![4, 0], name("r"), vec![3, 1]].concat(), vec![1, 0x68, 0]];
    declarations.push([vec![1, 0x40, 1], name("x"), vec![1, 1, 0]].concat());
    declarations.extend((0..functions).map(|at| [vec![4, 0], name(&word(at + 30)), vec![1, 2]].concat()));
    [vec![0x42], leb(declarations.len()), declarations.concat()].concat()
}

/// Instances with resources are copied with all that is in them.
#[test]
fn copies_of_instances() {
    let imports: Vec<_> = (0..2000).map(|at| [vec![0], name(&word(at)), vec![5, 0]].concat()).collect();
    refused(&component(&[items(7, &[instance(2000)]), items(10, &imports)]), TOO_MUCH);
    // Each instance has ten of the one in it: what stands for a million resources has a few hundred bytes.
    let tenfold = |inner: Vec<u8>| {
        let exports = (0..10).map(|at| [vec![4, 0], name(&word(at)), vec![5, 0]].concat());
        let declarations: Vec<_> = [[vec![1], inner].concat()].into_iter().chain(exports).collect();
        [vec![0x42], leb(declarations.len()), declarations.concat()].concat()
    };
    for depth in 3..9 {
        let nested = component(&[items(7, &[(0..depth).fold(instance(0), |inner, _| tenfold(inner))])]);
        harmless_small(&nested);
        if depth > 4 {
            refused(&nested, TOO_MUCH);
        }
    }
    // The same through a type from outside, and one from an instance, whose size is not known.
    let alias = |how: &[u8]| {
        let inner = [vec![2], how.to_vec()].concat();
        let exports = (0..2000).map(|at| [vec![4, 0], name(&word(at)), vec![5, 0]].concat());
        let declarations: Vec<_> = [inner].into_iter().chain(exports).collect();
        [vec![0x42], leb(declarations.len()), declarations.concat()].concat()
    };
    refused(&component(&[items(7, &[instance(2000)]), items(7, &[alias(&[3, 2, 1, 0])])]), TOO_MUCH);
    let of_instance = [vec![3, 0, 0], name("t")].concat();
    refused(&component(&[items(7, &[instance(2000)]), items(7, &[alias(&of_instance)])]), TOO_MUCH);
}

#[test]
fn code_that_gives_much() {
    // Each call gives a thousand numbers.
    let wide = [vec![0x60, 0], leb(1000), vec![0x7f; 1000]].concat();
    let calls = |count: usize| {
        let body = body(&[0x10, 0].repeat(count));
        module(&[items(1, std::slice::from_ref(&wide)), items(3, &[vec![0]]), items(10, &[body])])
    };
    harmless(&calls(SIZE / 4));
    // So little is still validated: it leaves all of it on the stack.
    let report = GuestReport::parse(&calls(500)).unwrap();
    assert!(report.invalid.unwrap().contains("values remaining on stack"));
    let taking = [vec![0x60], leb(1000), vec![0x7f; 1000], vec![0]].concat();
    let calls = [vec![0], [0x10, 0].repeat(SIZE / 4), vec![0x0b]].concat();
    harmless(&module(&[items(1, &[taking]), items(3, &[vec![0]]), items(10, &[body(&calls)])]));
    harmless(&module(&[items(1, &[plain()]), items(3, &[vec![0]]), items(10, &[body(&[2, 0x40].repeat(SIZE / 3))])]));
}

/// Every kind of declaration that a proposal allows, and a guest large enough for each look to take its time.
#[test]
fn many_proposals_in_much() {
    let ty = |at: usize| [vec![0x60, 7], vec![0x7c; 7], vec![1, 0x7c + (at % 4) as u8]].concat();
    let types: Vec<_> = (0..10_000).map(ty).collect();
    let memories = items(5, &[vec![4, 1], vec![0x08, 1, 0], vec![3, 1, 1]]);
    let tables = items(4, &[vec![0x6e, 0, 0], vec![0x64, 0, 0, 0]]);
    let globals = items(6, &[vec![0x7f, 0, 0x41, 0, 0x41, 0, 0x6a, 0x0b]]);
    harmless_small(&module(&[items(1, &types), tables, memories, items(13, &[vec![0, 0]]), globals]));
}

/// There are as many reasons as majors and imports.
#[test]
fn reasons_without_end() {
    let imports: Vec<_> = (0..30_000).map(|at| import("env", &word(at))).collect();
    let wasm = module(&[items(1, &[plain()]), items(2, &imports)]);
    harmless_small(&wasm);
    let report = GuestReport::parse(&wasm).unwrap();
    assert_eq!(report.invalid, None);
    for host in report.hosts() {
        assert_eq!(host.verdict, Verdict::Fails);
        assert!(host.reasons.contains(&HostReason::Import { name: "env::a".to_owned() }), "{:?}", host.reasons.first());
        assert_eq!(host.reasons.last(), Some(&HostReason::More { imports: 30_000 - 1024 }));
    }
    let long = "i".repeat(90_000);
    let imports: Vec<_> = (0..200).map(|at| import("env", &format!("{long}{at}"))).collect();
    harmless(&module(&[items(1, &[plain()]), items(2, &imports)]));
    let items_of_wasi: Vec<_> = (0..5000).map(|at| [vec![4, 0], name(&word(at)), vec![1, 0]].concat()).collect();
    let declarations = [vec![1, 0x40, 0, 1, 0]].into_iter().chain(items_of_wasi).collect::<Vec<_>>();
    let ty = [vec![0x42], leb(declarations.len()), declarations.concat()].concat();
    let imported = [vec![0], name("wasi:io/poll@0.2.0"), vec![5, 0]].concat();
    let wasm = component(&[items(7, &[ty]), items(10, &[imported])]);
    harmless_small(&wasm);
    let hosts = GuestReport::parse(&wasm).unwrap().hosts();
    assert!(hosts.iter().all(|host| host.reasons.contains(&HostReason::More { imports: 1 })), "{:?}", hosts[0]);
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
