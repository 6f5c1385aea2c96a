//! What stands in for a guest when it is probed: valid, and its own in all but the code of its main module.

mod shared;

use wasmparser::{Parser, Payload, Validator};
use wasmtime_compat_guest::ErrorKind;
use wasmtime_compat_guest::probe::{ProbeGuest, ProbeMethod, ProbeTarget, Unprobeable};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use self::shared::{Numbers, adapters, component, frugal_module, nest, strip};

const WRITE: &str = r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#;
const PRESTAT: &str = r#"(import "wasi_snapshot_preview1" "fd_prestat_get" (func (param i32 i32) (result i32)))"#;
const NAME: &str = r#"(import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func (param i32 i32 i32) (result i32)))"#;
const OPEN: &str = r#"(import "wasi_snapshot_preview1" "path_open"
    (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))"#;
const CLOSE: &str = r#"(import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result i32)))"#;

/// What makes a module harder to stand in for: tables, globals that name functions, a start function, data that is
/// copied by code, a bound on memory, recursion groups.
const FURNITURE: &str = r#"
    (rec (type $pair (struct (field i32))) (type $callback (func (param i32) (result i64))))
    (table $table (export "table") 4 funcref)
    (elem (table $table) (i32.const 1) func $busy $get)
    (elem declare func $busy)
    (global $callback funcref (ref.func $busy))
    (global (export "stack") (mut i32) (i32.const 4096))
    (data $text "some text of the guest")
    (func $busy (type $callback) (memory.init $text (i32.const 0) (i32.const 0) (i32.const 4)) (i64.const 1))
    (func $get (result i32) (i32.load8_u (data_end)))
    (func $constructors (export "_initialize"))
    (start $constructors)"#;

const REALLOC: &str = r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8192))"#;

fn furniture() -> String {
    FURNITURE.replace("(data_end)", "(i32.const 16)")
}

fn command(imports: &[&str], rest: &str) -> Vec<u8> {
    let imports = imports.concat();
    let text =
        format!(r#"(module {imports} (memory (export "memory") 1 2) {rest} (func (export "_start") unreachable))"#);
    wat::parse_str(text).unwrap()
}

/// A library with a function of its own, described in WIT.
fn library(imports: &[&str], rest: &str, world: &str) -> Vec<u8> {
    let imports = imports.concat();
    let text = format!(r#"(module {imports} (memory (export "memory") 1) {rest})"#);
    let mut module = wat::parse_str(text).unwrap();
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", world).unwrap();
    let world = resolve.select_world(&[package], Some("test")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    module
}

fn targets(count: usize) -> Vec<ProbeTarget> {
    let target = |at| ProbeTarget::new(format!("/preopen{at}"));
    (0..count).map(|at| if at % 2 == 0 { target(at).with_file("file.txt") } else { target(at) }).collect()
}

/// The core modules of a component, outermost level.
fn modules(wasm: &[u8]) -> Vec<Vec<u8>> {
    let mut modules = Vec::new();
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.unwrap() {
            Payload::ModuleSection { unchecked_range, .. } => {
                if depth == 0 {
                    let range = unchecked_range.start.try_into().unwrap()..unchecked_range.end.try_into().unwrap();
                    modules.push(wasm[range].to_vec());
                }
                depth += 1;
            }
            Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    modules
}

/// Checks what stands in for `guest`; how many of them there are.
#[track_caller]
fn check(guest: &[u8], method: ProbeMethod) -> usize {
    let probe = ProbeGuest::for_guest(guest).unwrap();
    assert_eq!(probe.method(), method);
    let commands = probe.commands(&targets(5));
    for command in &commands {
        Validator::new().validate_all(command).unwrap();
        if method == ProbeMethod::Spliced {
            let (before, after) = (modules(guest), modules(command));
            assert_eq!(before.len(), after.len());
            let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
            assert_eq!(changed, 1, "only the main module is another");
        }
    }
    commands.len()
}

#[test]
fn commands_keep_all_but_their_code() {
    let (furniture, both) = (furniture(), furniture() + REALLOC);
    for (version, flavour, adapter) in adapters() {
        if flavour != "command" {
            continue;
        }
        for rest in ["", REALLOC, &furniture, &both] {
            for imports in [&[WRITE, PRESTAT, NAME, OPEN, CLOSE][..], &[OPEN, WRITE], &[NAME, PRESTAT, WRITE]] {
                let guest = component(&command(imports, rest), adapter);
                assert_eq!(check(&guest, ProbeMethod::Spliced), 1, "{version}");
                assert_eq!(check(&strip(&guest), ProbeMethod::Spliced), 1, "{version}");
            }
            let mute = component(&command(&[PRESTAT, NAME, OPEN], rest), adapter);
            assert_eq!(check(&mute, ProbeMethod::Spliced), 5, "{version}: one for each preopen");
            let frugal = component(&frugal_module(), adapter);
            assert_eq!(check(&frugal, ProbeMethod::Nothing), 0, "{version}");
        }
    }
}

#[test]
fn who_cannot_close_is_not_made_to_open_much_at_once() {
    let adapter = adapters()[0].2;
    let commands = |imports: &[&str], count: usize| {
        let guest = component(&command(imports, ""), adapter);
        ProbeGuest::for_guest(&guest).unwrap().commands(&targets(count)).len()
    };
    let closing = [WRITE, PRESTAT, NAME, OPEN, CLOSE];
    assert_eq!([0, 1, 16, 17, 119].map(|count| commands(&closing, count)), [1; 5]);
    assert_eq!([0, 1, 16, 17, 119].map(|count| commands(&closing[..4], count)), [1, 1, 1, 2, 119]);
}

#[test]
fn libraries_get_an_entry() {
    let world = "package a:b; world test { export greet: func(name: string) -> string; }";
    let greet = r#"(func (export "greet") (param i32 i32) (result i32) unreachable)
        (func (export "cabi_post_greet") (param i32))"#;
    for (version, flavour, adapter) in adapters() {
        if flavour == "command" {
            // It wants a `_start`, which a library has not.
            continue;
        }
        for rest in [greet.to_owned() + REALLOC, greet.to_owned() + REALLOC + &furniture()] {
            let guest = component(&library(&[WRITE, PRESTAT, NAME, OPEN], &rest, world), adapter);
            assert_eq!(check(&guest, ProbeMethod::Spliced), 1, "{version} {flavour}");
            let command = &ProbeGuest::for_guest(&guest).unwrap().commands(&targets(2))[0];
            let exports = wasmtime_compat_guest::Guest::parse(command).unwrap().exports;
            assert_eq!(exports, ["greet", "wasi:cli/run@0.2.0"]);
        }
    }
}

#[test]
fn who_serves_run_alone_is_entered_there() {
    let world = r#"package a:b; world test { export wasi:cli/run@0.2.3; }
        package wasi:cli@0.2.3 { interface run { run: func() -> result; } }"#;
    let run = r#"(func (export "wasi:cli/run@0.2.3#run") (result i32) unreachable)"#;
    for (version, flavour, adapter) in adapters().into_iter().filter(|(_, flavour, _)| *flavour == "reactor") {
        let guest = component(&library(&[WRITE, PRESTAT, NAME, OPEN], run, world), adapter);
        assert_eq!(check(&guest, ProbeMethod::Spliced), 1, "{version} {flavour}");
        let mute = component(&library(&[PRESTAT, NAME, OPEN], run, world), adapter);
        assert_eq!(check(&mute, ProbeMethod::Spliced), 5, "{version} {flavour}");
    }
}

#[test]
fn modules_are_stood_in_for_by_ours() {
    for imports in [&[WRITE, PRESTAT, NAME, OPEN, CLOSE][..], &[PRESTAT], &[OPEN, WRITE], &[NAME]] {
        let guest = command(imports, "");
        assert_eq!(check(&guest, ProbeMethod::BuiltIn), 1);
        let probe = ProbeGuest::for_guest(&guest).unwrap().commands(&targets(1));
        let names = |wasm: &[u8]| wasmtime_compat_guest::Guest::parse(wasm).unwrap().imports;
        let extra: Vec<String> = names(&probe[0]).into_iter().filter(|name| !names(&guest).contains(name)).collect();
        assert!(extra.iter().all(|name| name.ends_with("fd_write") || name.ends_with("fd_close")), "{extra:?}");
    }
    assert_eq!(check(&command(&[WRITE], ""), ProbeMethod::Nothing), 0);
    for targets in [&targets(0)[..], &targets(500)] {
        let commands = ProbeGuest::built_in().commands(targets);
        Validator::new().validate_all(&commands[0]).unwrap();
    }
}

fn reason(guest: &[u8]) -> Unprobeable {
    let error = ProbeGuest::for_guest(guest).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unprobeable);
    error.unprobeable().unwrap()
}

#[test]
fn what_cannot_be_probed_says_why() {
    let adapter = adapters()[0].2;
    let all = [WRITE, PRESTAT, NAME, OPEN];
    let guest = component(&command(&all, ""), adapter);
    assert_eq!(reason(adapter), Unprobeable::Adapter);
    assert_eq!(reason(&nest(&[&guest])), Unprobeable::Composed);
    assert_eq!(reason(&nest(&[&nest(&[&guest]), &guest])), Unprobeable::Composed);

    let old =
        wat::parse_str(r#"(module (import "wasi_unstable" "fd_prestat_get" (func (param i32 i32) (result i32))))"#);
    assert_eq!(reason(&old.unwrap()), Unprobeable::UnstableWasi);

    let twice = |memory: &str, instances: &str| {
        let text = format!(
            r#"(component
                (core module $p1 (func (export "fd_prestat_get") (param i32 i32) (result i32) unreachable))
                (core instance $p1 (instantiate $p1))
                (core module $main {PRESTAT} {memory})
                {instances})"#
        );
        wat::parse_str(text).unwrap()
    };
    let instance = r#"(core instance (instantiate $main (with "wasi_snapshot_preview1" (instance $p1))))"#;
    let memory = "(memory 1)";
    assert_eq!(reason(&twice(memory, "")), Unprobeable::SeveralModules);
    assert_eq!(reason(&twice(memory, &[instance; 2].concat())), Unprobeable::SeveralModules);
    assert_eq!(reason(&twice("", instance)), Unprobeable::UnusualModule);
    assert_eq!(reason(&twice("(memory 1 1 shared)", instance)), Unprobeable::UnusualModule);
    assert_eq!(reason(&twice("(memory i64 1)", instance)), Unprobeable::UnusualModule);
    assert_eq!(check(&twice(memory, instance), ProbeMethod::Spliced), 5);

    let error = ProbeGuest::for_guest(b"no guest").unwrap_err();
    assert_eq!((error.kind(), error.unprobeable()), (ErrorKind::InvalidGuest, None));
}

#[test]
fn no_bytes_make_it_panic_and_what_was_valid_stays_so() {
    let mut numbers = Numbers::new();
    let mut below = |end| numbers.below(end);
    let all = [WRITE, PRESTAT, NAME, OPEN];
    let module = command(&all, &(furniture() + REALLOC));
    let mut guests: Vec<_> = adapters()
        .into_iter()
        .filter(|(_, flavour, _)| *flavour == "command")
        .map(|(_, _, adapter)| strip(&component(&module, adapter)))
        .collect();
    guests.push(module);
    let (mut probed, mut refused, mut valid) = (0, 0, 0);
    for round in 0..3000 {
        let mut guest = guests[round % guests.len()].clone();
        for _ in 0..=below(4) {
            let at = below(guest.len().min(if round % 2 == 0 { 1200 } else { usize::MAX }));
            match below(4) {
                0 => guest[at] ^= 1 << below(8),
                1 => guest[at] = 0xff,
                2 => drop(guest.splice(at..at, [0x80; 5])),
                _ if round % 3 == 0 => guest.truncate(at.max(1)),
                _ => guest[at] = 0,
            }
        }
        match ProbeGuest::for_guest(&guest) {
            Ok(probe) => {
                let commands = probe.commands(&targets(2));
                probed += 1;
                if Validator::new().validate_all(&guest).is_ok() {
                    valid += 1;
                    for command in commands {
                        Validator::new().validate_all(&command).unwrap();
                    }
                }
            }
            Err(error) => {
                let kinds = [ErrorKind::InvalidGuest, ErrorKind::TooComplex, ErrorKind::Unprobeable];
                assert!(kinds.contains(&error.kind()), "{error}");
                refused += 1;
            }
        }
    }
    assert!(probed > 200 && refused > 200 && valid > 50, "{probed} probed, {refused} refused, {valid} valid");
}
