//! Guests made to cost the guest report memory or time: what it takes stays in proportion to their size.

#[path = "shared/encode.rs"]
mod encode;
#[path = "shared/harmless.rs"]
mod harmless;

use std::time::{Duration, Instant};

use wasmtime_compat_guest::ErrorKind;
use wasmtime_compat_guest::internal::with_bounded_dwarf;
use wasmtime_compat_guest::report::{GuestReport, HostReason, Verdict};

use self::encode::{adapter, body, component, export, import, items, leb, module, name, plain, section};
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
    assert_eq!(error.kind(), ErrorKind::TooComplex);
    assert!(error.to_string().contains(why), "{error}");
}

/// However small it is.
fn harmless_small(wasm: &[u8]) {
    let started = Instant::now();
    check(wasm);
    assert!(started.elapsed() < LONGEST, "{:?}", started.elapsed());
}

const TOO_MUCH: &str = "there are more declarations than a guest of this size can have";

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
    let report = GuestReport::parse(&calls(300)).unwrap();
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
        assert_eq!(host.reasons.last(), Some(&HostReason::Unchecked { imports: 30_000 - 1024 }));
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
    assert!(hosts.iter().all(|host| host.reasons.contains(&HostReason::Unchecked { imports: 1 })), "{:?}", hosts[0]);
}

/// Found by fuzzing: room was made for as many types as a group of them said it had.
#[test]
fn a_group_of_types_that_says_it_is_large() {
    let group = [vec![0x4e], leb(1_000_000), plain()].concat();
    check(&adapter(&[group], &[], &[]));
}

/// Each line instantiates the component of the line before twice.
fn doubled(lines: usize) -> Vec<u8> {
    let twice = |at: usize| {
        let outer = [vec![4, 2, 1], leb(at)].concat();
        section(4, &component(&[items(6, &[outer]), items(5, &[vec![0, 0, 0], vec![0, 0, 0]])]))
    };
    let lines_of_it = (0..lines).map(twice);
    let first = section(4, &component(&[]));
    let last = items(5, &[[vec![0], leb(lines), vec![0]].concat()]);
    component(&[first].into_iter().chain(lines_of_it).chain([last]).collect::<Vec<_>>())
}

/// The same, but what is doubled is given to one component, which exports a component that has it twice.
fn doubled_by_arguments(lines: usize) -> Vec<u8> {
    let twice = component(&[items(6, &[vec![4, 2, 1, 0]]), items(5, &[vec![0, 0, 0], vec![0, 0, 0]])]);
    let doubling = component(&[
        items(7, &[vec![0x41, 0]]),
        items(10, &[[vec![0], name("c"), vec![4, 0]].concat()]),
        section(4, &twice),
        items(11, &[[vec![0], name("n"), vec![4, 1, 0]].concat()]),
    ]);
    let line = |at: usize| {
        // Component 0 is given first, then what the instance before exports.
        let given = if at == 0 { 0 } else { at + 1 };
        let instance = [vec![0, 1, 1], name("c"), vec![4], leb(given)].concat();
        let alias = [vec![4, 0], leb(at), name("n")].concat();
        [items(5, &[instance]), items(6, &[alias])].concat()
    };
    let last = items(5, &[[vec![0], leb(lines + 1), vec![0]].concat()]);
    let first = [section(4, &component(&[])), section(4, &doubling)];
    component(&first.into_iter().chain((0..lines).map(line)).chain([last]).collect::<Vec<_>>())
}

/// Wasmtime makes each instance on its own when it compiles.
#[test]
fn instances_that_double() {
    for doubled in [doubled, doubled_by_arguments] {
        let few = GuestReport::parse(&doubled(10)).unwrap();
        assert_eq!(few.invalid, None);
        // Of components without arguments, their types are too many to copy before instances are counted.
        for lines in [13, 20, 40, 200] {
            refused(&doubled(lines), "the guest is too complex");
        }
    }
    refused(&doubled_by_arguments(13), "instantiated more than 10000 times");
    // Within each other, each once.
    let chain = |lines: usize| {
        let next = |at: usize| {
            let outer = [vec![4, 2, 1], leb(at)].concat();
            section(4, &component(&[items(6, &[outer]), items(5, &[vec![0, 0, 0]])]))
        };
        let last = items(5, &[[vec![0], leb(lines), vec![0]].concat()]);
        let first = section(4, &component(&[]));
        component(&[first].into_iter().chain((0..lines).map(next)).chain([last]).collect::<Vec<_>>())
    };
    assert_eq!(GuestReport::parse(&chain(100)).unwrap().invalid, None);
    // Names that do not exist are no instances of anything.
    let unknown = component(&[items(5, &[vec![0, 7, 0]]), items(6, &[[vec![4, 0, 0], name("x")].concat()])]);
    assert!(GuestReport::parse(&unknown).unwrap().invalid.is_some());
}

/// A module with one function of type `[] -> []`, and others after it.
fn functions(types: &[Vec<u8>], others: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let types = [vec![plain()], types.to_vec()].concat();
    let declared: Vec<_> = [leb(0)].into_iter().chain(others.iter().map(|(ty, _)| leb(*ty))).collect();
    let bodies: Vec<_> = [body(&[])].into_iter().chain(others.iter().map(|(_, body)| body.clone())).collect();
    module(&[items(1, &types), items(3, &declared), items(10, &bodies)])
}

fn with_locals(count: usize, code: &[u8]) -> Vec<u8> {
    let body = [vec![1], leb(count), vec![0x7f], code.to_vec(), vec![0x0b]].concat();
    [leb(body.len()), body].concat()
}

/// Reads each local, adds 1 to it.
fn increments(locals: usize) -> Vec<u8> {
    (0..locals).flat_map(|at| [vec![0x20], leb(at), vec![0x41, 1, 0x6a, 0x21], leb(at)].concat()).collect()
}

const VALUES: &str = "the code has more values than a guest of this size can have";

/// A few bytes for which a compiler makes many values.
#[test]
fn code_that_is_dear_to_compile() {
    let small = |wasm: &[u8]| assert_eq!(GuestReport::parse(wasm).unwrap().invalid, None);
    // Locals that nothing uses, in as many functions.
    let locals = |functions_: usize| functions(&[], &vec![(0, with_locals(50_000, &[])); functions_]);
    small(&locals(100));
    refused(&locals(2000), VALUES);
    // Calls with a thousand arguments and results.
    let wide = [vec![0x60], leb(1000), vec![0x7f; 1000], leb(1000), vec![0x7f; 1000]].concat();
    let calls = |calls: usize| {
        let code = [[0x41, 0].repeat(1000), [0x10, 1].repeat(calls), vec![0x1a; 1000]].concat();
        let callee: Vec<u8> = (0..1000).flat_map(|at| [vec![0x20], leb(at)].concat()).collect();
        functions(std::slice::from_ref(&wide), &[(1, body(&callee)), (0, body(&code))])
    };
    small(&calls(50));
    refused(&calls(1000), VALUES);
    // Branches and blocks that take a thousand values with them.
    let results = [vec![0x60, 0], leb(1000), vec![0x7f; 1000]].concat();
    let branches = |branches: usize| {
        let code = [vec![2, 1], [0x41, 0].repeat(1000), [0x41, 0, 0x0d, 0].repeat(branches), vec![0x0b]].concat();
        functions(std::slice::from_ref(&results), &[(0, body(&[code, vec![0x1a; 1000]].concat()))])
    };
    small(&branches(100));
    refused(&branches(1000), VALUES);
    let blocks = [[0x41, 0].repeat(1000), [3, 1, 0x0b].repeat(1000), vec![0x1a; 1000]].concat();
    refused(&functions(&[wide], &[(0, body(&blocks))]), VALUES);
    // Locals that change within loops, and within blocks that are left early.
    let loops = |depth: usize, locals: usize| {
        let code = [[3, 0x40].repeat(depth), increments(locals), [0x41, 0, 0x0d, 0, 0x0b].repeat(depth)].concat();
        functions(&[], &[(0, with_locals(locals, &code))])
    };
    small(&loops(50, 50));
    refused(&loops(300, 300), VALUES);
    let leaving = |depth: usize, locals: usize| {
        let one = |at: usize| {
            let set = [vec![0x20], leb(at), vec![0x41, 1, 0x6a, 0x21], leb(at)].concat();
            [vec![0x20, 0, 0x0d], leb(at % depth), set].concat()
        };
        let code = [2, 0x40].repeat(depth).into_iter().chain((0..locals).flat_map(one));
        let code: Vec<u8> = code.chain(vec![0x0b; depth]).chain(increments(locals)).collect();
        functions(&[], &[(0, with_locals(locals, &code))])
    };
    small(&leaving(50, 50));
    refused(&leaving(300, 300), VALUES);
    refused(&leaving(20, 1000), VALUES);
    // Many blocks between where locals are set and read.
    let far = |blocks: usize, locals: usize| {
        let code = [increments(locals), [0x20, 0, 4, 0x40, 0x0b].repeat(blocks), increments(locals)].concat();
        functions(&[], &[(0, with_locals(locals, &code))])
    };
    small(&far(500, 500));
    refused(&far(5000, 5000), VALUES);
    // Calls within many handlers of exceptions.
    let handled = |count: usize| {
        let catches = [vec![0x1f, 0x40], leb(count), [2, 0].repeat(count)].concat();
        let code = [vec![2, 0x40], catches, [0x10, 0].repeat(count), vec![0x0b, 0x0b]].concat();
        functions(&[], &[(0, body(&code))])
    };
    small(&handled(100));
    refused(&handled(1000), VALUES);
    // Structures with ten thousand fields.
    let structure = [vec![0x5f], leb(10_000), [0x7f, 0].repeat(10_000)].concat();
    let code = [0xfb, 1, 1, 0x1a].repeat(100);
    refused(&functions(&[structure], &[(0, body(&code))]), VALUES);
    // Locals and functions that do not exist, and the largest numbers.
    for code in [vec![0x20, 0xff, 0xff, 0xff, 0xff, 0x0f], vec![0x21, 0x80, 0x80, 4], vec![0x10, 0xff, 0xff, 3]] {
        assert!(GuestReport::parse(&functions(&[], &[(0, body(&code))])).unwrap().invalid.is_some());
    }
    let most = u32::MAX as usize;
    assert!(GuestReport::parse(&functions(&[], &[(0, with_locals(most / 1000, &[]))])).unwrap().invalid.is_some());
    refused(&functions(&[], &[(0, with_locals(most, &[]))]), VALUES);
}

/// What is between two bytes of data is in the compiled module, too.
#[test]
fn images_of_nothing() {
    let images = "the initial contents of memories and tables are larger than a guest of this size can have";
    let far = [vec![0], vec![0x41, 0, 0x0b], vec![1, 1]].concat();
    let further = [vec![0], vec![0x41], vec![0xfe, 0xff, 0xff, 7], vec![0x0b], vec![1, 1]].concat();
    let memory = |data: &[Vec<u8>]| module(&[items(5, &[[vec![0], leb(256)].concat()]), items(11, data)]);
    let one = memory(&[far.clone(), further.clone()]);
    assert_eq!(GuestReport::parse(&one).unwrap().invalid, None);
    let modules = |module: &[u8], count: usize| component(&vec![section(1, module); count]);
    assert_eq!(GuestReport::parse(&modules(&one, 4)).unwrap().invalid, None);
    refused(&modules(&one, 10), images);
    // An offset that is computed may be anything.
    let computed = [vec![0], vec![0x41, 0, 0x41, 0, 0x6a, 0x0b], vec![1, 1]].concat();
    refused(&modules(&memory(&[computed]), 10), images);
    // A dense memory is as large as its data.
    let dense = memory(&[[vec![0], vec![0x41, 0, 0x0b], leb(1 << 20), vec![1; 1 << 20]].concat()]);
    assert_eq!(GuestReport::parse(&modules(&dense, 30)).unwrap().invalid, None);
    let tables = |count: usize| module(&[items(4, &vec![[vec![0x70, 0], leb(1 << 20)].concat(); count])]);
    assert_eq!(GuestReport::parse(&tables(10)).unwrap().invalid, None);
    refused(&tables(20), images);
}

/// What the host keeps for an instance, and what it copies when it makes one, counts as often as there are instances.
#[test]
fn instances_of_large_modules() {
    let large = "the instances of modules are too large";
    let instances = |count: usize| items(2, &vec![vec![0, 0, 0]; count]);
    let globals = section(1, &module(&[items(6, &vec![vec![0x7f, 0, 0x41, 0, 0x0b]; 100_000])]));
    assert_eq!(GuestReport::parse(&component(&[globals.clone(), instances(10)])).unwrap().invalid, None);
    refused(&component(&[globals.clone(), instances(300)]), large);
    // The same module, of the component around.
    let alias = items(6, &[vec![0, 0x11, 2, 1, 0]]);
    let inner = section(4, &component(&[alias, instances(300)]));
    refused(&component(&[globals, inner, items(5, &[vec![0, 0, 0]])]), large);
    // Its data is 1 MiB, in a memory of another.
    let data = [vec![0], vec![0x41, 0, 0x0b], leb(1 << 20), vec![1; 1 << 20]].concat();
    let copies = section(1, &module(&[items(5, &[vec![0, 16]]), items(11, &[data])]));
    assert_eq!(GuestReport::parse(&component(&[copies.clone(), instances(10)])).unwrap().invalid, None);
    refused(&component(&[copies, instances(4097)]), large);
}

/// Debug information that takes far more to read than to store has other names where Wasmtime compiles it.
#[test]
fn dwarf_is_bounded() {
    let unit = |depth: usize| {
        let entries = [vec![1; depth], vec![0; depth]].concat();
        let unit = [&[4, 0, 0, 0, 0, 0, 4, 2][..], &entries, &[0]].concat();
        [u32::try_from(unit.len()).unwrap().to_le_bytes().to_vec(), unit].concat()
    };
    // A unit without attributes, and an inlined call without any, both of which have children.
    let abbreviations = [1, 0x1d, 1, 0, 0, 2, 0x11, 1, 0, 0, 0];
    let custom = |name: &str, content: &[u8]| section(0, &[self::name(name), content.to_vec()].concat());
    let with = |info: &[u8]| module(&[custom(".debug_abbrev", &abbreviations), custom(".debug_info", info)]);
    let hidden = |wasm: &[u8]| {
        let bounded = with_bounded_dwarf(wasm);
        assert_eq!(bounded.len(), wasm.len());
        let changed = bounded.iter().zip(wasm).filter(|(one, other)| one != other).collect::<Vec<_>>();
        assert!(changed.iter().all(|changed| *changed == (&b'-', &b'.')), "{changed:?}");
        changed.len()
    };
    assert_eq!(hidden(&with(&unit(100))), 0);
    assert_eq!(hidden(&with(&unit(200))), 2, "calls inlined too deep");
    let nested = component(&[section(1, &with(&unit(100))), section(4, &component(&[section(1, &with(&unit(200)))]))]);
    assert_eq!(hidden(&nested), 4, "of no module in the guest is any read");
    // Damaged: it ends too early, or its abbreviations are missing.
    assert_eq!(hidden(&with(&unit(100)[..50])), 2);
    assert_eq!(hidden(&module(&[custom(".debug_info", &unit(1))])), 1);
    assert_eq!(hidden(&module(&[custom(".debug_str", b"text")])), 0, "nothing refers to it");
    // Any bytes in it.
    for at in 0..unit(20).len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut info = unit(20);
            info[at] = byte;
            hidden(&with(&info));
        }
    }
}

#[test]
fn memory_is_measured() {
    let wasm = module(&[items(2, &[import("wasi_snapshot_preview1", "fd_read")])]);
    let (report, peak) = measured(|| GuestReport::parse(&wasm));
    assert_eq!(report.unwrap().wasi.len(), 1);
    assert!(peak > 100, "{peak}");
}
