//! Guests of a few kilobytes that would keep Wasmtime compiling for hours are refused before it sees them; what is not
//! refused is compiled in time.

use std::fmt::Write;
use std::time::{Duration, Instant};

use compat_tests::{Adapter, captured, command, component, engine, print_preopens, wat};
use wasmtime_compat::component::Component;
use wasmtime_compat::{Command, Config, Engine, ErrorKind, Module, Outcome, Result, RunConfig};

use super::V;

/// For a guest that is refused: far more than is needed without optimisation, on a busy machine.
const REFUSED: Duration = Duration::from_secs(2);

/// For a guest that is compiled: without optimisation each takes some seconds at most.
const COMPILED: Duration = Duration::from_secs(120);

/// What `wasi:cli/run` is exported from.
const RUN: &str = r#"
    (core module $m (func (export "run") (result i32) i32.const 0))
    (core instance $m (instantiate $m))
    (func $run (result (result)) (canon lift (core func $m "run")))
    (component $export (import "run" (func $run (result (result)))) (export "run" (func $run)))
    (instance $cli (instantiate $export (with "run" (func $run))))
    (export "wasi:cli/run@0.2.0" (instance $cli))"#;

/// A command of which each line instantiates the component of the line before twice.
fn doubled(lines: usize) -> Vec<u8> {
    let mut text = "(component $top (component $c0)".to_owned();
    for line in 1..=lines {
        let before = line - 1;
        write!(
            text,
            "(component $c{line} (alias outer $top $c{before} (component $c)) (instance (instantiate $c)) \
             (instance (instantiate $c)))"
        )
        .unwrap();
    }
    wat(&format!("{text} (instance (instantiate $c{lines})) {RUN})"))
}

/// As [`doubled`], but each line is given the component of the line before, and exports what has it twice.
fn doubled_by_arguments(lines: usize) -> Vec<u8> {
    let mut text = r#"(component $top (component $c0)
        (component $double (import "c" (component $c))
            (component $twice (alias outer $double $c (component $c)) (instance (instantiate $c))
                (instance (instantiate $c)))
            (export "twice" (component $twice)))"#
        .to_owned();
    for line in 1..=lines {
        let before = line - 1;
        write!(
            text,
            r#"(instance $i{line} (instantiate $double (with "c" (component $c{before}))))
               (alias export $i{line} "twice" (component $c{line}))"#
        )
        .unwrap();
    }
    wat(&format!("{text} (instance (instantiate $c{lines})) {RUN})"))
}

/// A command module with so many functions that have 50000 locals each. As text it would be megabytes.
fn locals(functions: u16) -> Vec<u8> {
    let section = |id: u8, contents: &[u8]| [&[id][..], &number(contents.len()), contents].concat();
    let count = number(usize::from(functions));
    // One group of 50000 locals of type i32, and nothing else.
    let body = [6, 1, 0xd0, 0x86, 0x03, 0x7f, 0x0b];
    let sections = [
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[&count[..], &vec![0; usize::from(functions)]].concat()),
        section(7, b"\x01\x06_start\0\0"),
        section(10, &[&count[..], &body.repeat(usize::from(functions))].concat()),
    ];
    [b"\0asm\x01\0\0\0".to_vec(), sections.concat()].concat()
}

/// A number of variable length.
fn number(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

/// A command module with blocks within each other that are left early with different values of the locals.
fn merging(blocks: usize, locals: usize) -> Vec<u8> {
    let mut code = "block ".repeat(blocks);
    for local in 0..locals {
        let label = local % blocks;
        write!(code, "local.get 0 br_if {label} local.get {local} i32.const 1 i32.add local.set {local} ").unwrap();
    }
    code.push_str(&"end ".repeat(blocks));
    (0..locals).for_each(|local| write!(code, "local.get {local} drop ").unwrap());
    wat(&format!(r#"(module (func (export "_start") (local {}) {code}))"#, "i32 ".repeat(locals)))
}

/// Tables as long as those of which Wasmtime keeps a list.
fn tables(count: usize) -> Vec<u8> {
    wat(&format!(r#"(module {} (func (export "_start")))"#, "(table 1048576 funcref)".repeat(count)))
}

fn timed<T>(most: Duration, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = work();
    let elapsed = started.elapsed();
    assert!(elapsed < most, "{elapsed:?}");
    result
}

/// Everything that compiles.
fn compile(engine: &Engine<V>, wasm: &[u8]) -> [Result<()>; 3] {
    let alone = match wasm[4] {
        1 => timed(COMPILED, || Module::new(engine, wasm).map(drop)),
        _ => timed(COMPILED, || Component::new(engine, wasm).map(drop)),
    };
    let command = timed(COMPILED, || Command::new(engine, wasm).map(drop));
    [alone, command, timed(COMPILED, || engine.precompile(wasm).map(drop))]
}

#[test]
fn guests_that_are_too_complex_are_refused_at_once() {
    let engine = engine::<V>();
    let components = [13, 16, 30, 100].map(doubled).into_iter().chain([13, 16, 30, 100].map(doubled_by_arguments));
    let modules = [locals(2000), merging(300, 300), merging(20, 1000), tables(20)];
    for wasm in components.chain(modules) {
        for result in timed(3 * REFUSED, || compile(&engine, &wasm)) {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooComplex, "{error}");
            assert!(error.message().starts_with("the guest is too complex: "), "{error}");
            assert!(error.hint().unwrap().contains("allow_complex_guests"), "{error}");
        }
    }
}

#[test]
fn guests_that_are_not_refused_are_compiled_in_time() {
    let engine = engine::<V>();
    for wasm in [doubled(8), doubled_by_arguments(8), locals(20), merging(40, 40), tables(3)] {
        for result in compile(&engine, &wasm) {
            result.unwrap();
        }
        let done = Command::new(&engine, &wasm).unwrap().run(&RunConfig::new()).unwrap();
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{done:?}");
    }
}

#[test]
fn a_host_may_lift_the_limit() {
    let config = Config::new().allow_complex_guests(true);
    let engine = Engine::<V>::new(&config).unwrap();
    let wasm = tables(17);
    for result in compile(&engine, &wasm) {
        result.unwrap();
    }
    // And for a run.
    let config = RunConfig { allow_complex_guests: true, ..RunConfig::new() }.engine_config();
    Module::new(&Engine::<V>::new(&config).unwrap(), &wasm).unwrap();
    // Also for an engine made with the major itself.
    let engine = Engine::<V>::from_raw(engine.as_raw().clone(), &config);
    Module::new(&engine, &wasm).unwrap();
    let engine = Engine::<V>::from_raw(engine.as_raw().clone(), &Config::new());
    assert_eq!(Module::new(&engine, &wasm).unwrap_err().kind(), ErrorKind::TooComplex);
}

#[test]
fn real_guests_are_not_too_complex() {
    let engine = engine::<V>();
    let mut guests = vec![command(""), print_preopens()];
    guests.extend(Adapter::served_on::<V>().iter().map(|adapter| component(&print_preopens(), *adapter)));
    for wasm in guests {
        let config = RunConfig { wasi: captured(), ..RunConfig::new() };
        let done = Command::new(&engine, &wasm).unwrap().run(&config).unwrap();
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{done:?}");
    }
}
