//! Faults of guests that the host finds: one typed reason each, the same on every major and for modules and components,
//! and never a failure of the host.

use compat_tests::hostile::{self, preview2_command};
use compat_tests::sections::{add_section, sized};
use compat_tests::{command, command_with, run_both, wat};
use tempfile::tempdir;
use wasmtime_compat::{
    Config, CoreWasmtime, Engine, Error, Instance, Linker, Module, Outcome, Proposal, RunConfig, Store, StoreLimits,
    Trap,
};

use super::V;

#[track_caller]
fn assert_faults(wasm: &[u8], limits: StoreLimits, expected: Trap) {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("f"), "text").unwrap();
    let config = RunConfig { limits, ..hostile::config(root.path()) };
    for done in run_both::<V>(wasm, &config).unwrap() {
        let Outcome::Trapped { trap, error, .. } = &done.outcome else { panic!("{expected}: {:?}", done.outcome) };
        assert_eq!(*trap, expected, "{error:?}");
        assert!(error.message().starts_with(&format!("guest trapped: {expected}")), "{error}");
    }
}

/// A module of preview1 that calls one function, whose errno it ignores.
fn preview1(name: &str, parameters: &str, arguments: &str) -> Vec<u8> {
    wat(&format!(
        r#"(module
            (import "wasi_snapshot_preview1" "{name}" (func $call (param {parameters}) (result i32)))
            (memory (export "memory") 1)
            (func (export "_start") (drop (call $call {arguments}))))"#
    ))
}

#[test]
fn arguments_of_preview1() {
    let clock = |arguments: &str| preview1("clock_time_get", "i32 i64 i32", arguments);
    for (wasm, expected) in [
        (clock("(i32.const 0) (i64.const 0) (i32.const 0x7ffffff8)"), Trap::PointerOutOfBounds),
        (clock("(i32.const 0) (i64.const 0) (i32.const 0xfffffff8)"), Trap::PointerOutOfBounds),
        (clock("(i32.const 0) (i64.const 0) (i32.const 1)"), Trap::PointerMisaligned),
        (clock("(i32.const 4) (i64.const 0) (i32.const 0)"), Trap::InvalidDiscriminant),
        (
            preview1(
                "path_open",
                "i32 i32 i32 i32 i32 i64 i64 i32 i32",
                "(i32.const 3) (i32.const 0x80) (i32.const 0) (i32.const 1) (i32.const 0) (i64.const 0) (i64.const 0)
                 (i32.const 0) (i32.const 8)",
            ),
            Trap::InvalidDiscriminant,
        ),
        // A list of buffers is read before the descriptor is looked up.
        (
            preview1("fd_read", "i32 i32 i32 i32", "(i32.const 77) (i32.const 0xfffc) (i32.const 1) (i32.const 0)"),
            Trap::PointerOutOfBounds,
        ),
        (
            preview1("fd_write", "i32 i32 i32 i32", "(i32.const 3) (i32.const -8) (i32.const 2) (i32.const 0)"),
            Trap::PointerOutOfBounds,
        ),
        (
            preview1(
                "fd_pread",
                "i32 i32 i32 i64 i32",
                "(i32.const 77) (i32.const 2) (i32.const 1) (i64.const 0) (i32.const 0)",
            ),
            Trap::PointerMisaligned,
        ),
        (clock("(i32.const -1) (i64.const 0) (i32.const 0)"), Trap::InvalidDiscriminant),
        (preview1("fd_fdstat_set_flags", "i32 i32", "(i32.const 1) (i32.const 0x10000)"), Trap::InvalidDiscriminant),
        (preview1("random_get", "i32 i32", "(i32.const 0xfff0) (i32.const 17)"), Trap::PointerOutOfBounds),
        (preview1("random_get", "i32 i32", "(i32.const 0) (i32.const 0x7fffffff)"), Trap::LimitExceeded),
    ] {
        assert_faults(&wasm, StoreLimits::new(), expected);
    }
}

#[test]
fn preview1_without_a_memory() {
    const IMPORT: &str =
        r#"(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))"#;
    const START: &str = r#"(func (export "_start")
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))"#;
    for memory in ["", "(memory 1)", r#"(memory (export "m") 1)"#] {
        let wasm = wat(&format!("(module {IMPORT} {memory} {START})"));
        assert_faults(&wasm, StoreLimits::new(), Trap::MemoryNotExported);
    }
}

#[test]
fn exit_codes_that_wasi_does_not_allow() {
    for code in [126, 255, -1] {
        assert_faults(&command(&format!("(call $exit (i32.const {code}))")), StoreLimits::new(), Trap::InvalidExitCode);
    }
}

#[test]
fn arguments_of_wasi_0_2() {
    for (body, expected) in [
        // A list of two handles at an odd address, and one that ends behind the memory of 256 MiB.
        ("(call $poll (i32.const 1) (i32.const 1) (i32.const 32))", Trap::PointerMisaligned),
        ("(call $poll (i32.const 0xffffffc) (i32.const 2) (i32.const 32))", Trap::PointerOutOfBounds),
        ("(call $poll (i32.const 0x10000000) (i32.const 1) (i32.const 32))", Trap::PointerOutOfBounds),
        // Where the result of a call shall go.
        ("(call $random (i64.const 4) (i32.const 33))", Trap::PointerMisaligned),
        ("(call $random (i64.const 4) (i32.const 0x10000000))", Trap::PointerOutOfBounds),
        ("(call $poll (i32.const 0) (i32.const 0) (i32.const 32))", Trap::InvalidOperation),
        ("(call $read (i32.const 77) (i64.const 1) (i32.const 32))", Trap::InvalidHandle),
        ("(call $read (local.get $file) (i64.const 1) (i32.const 32))", Trap::InvalidHandle),
        (
            "(call $set-times (local.get $file) (i32.const 3) (i64.const 0) (i32.const 0) (i32.const 0) (i64.const 0)
                (i32.const 0) (i32.const 32))",
            Trap::InvalidDiscriminant,
        ),
        (
            "(i32.store (i32.const 64) (i32.const 0xffffffff))
             (call $open (i32.load (i32.load (i32.const 0))) (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 0)
                (i32.const 1) (i32.const 16))",
            Trap::InvalidString,
        ),
        (
            "(call $open (i32.load (i32.load (i32.const 0))) (i32.const 0) (i32.const 0xffffffc) (i32.const 8)
                (i32.const 0) (i32.const 1) (i32.const 16))",
            Trap::PointerOutOfBounds,
        ),
        ("(call $zeroes (call $get-stdout) (i64.const 0x100000000) (i32.const 32))", Trap::InvalidOperation),
        ("(call $random (i64.const 0x4000001) (i32.const 32))", Trap::LimitExceeded),
    ] {
        assert_faults(&preview2_command(&format!("{body} (i32.const 0)")), StoreLimits::new(), expected);
    }
}

/// A component that exports `run`, whose core function has this body; `$call` is `get-random-bytes`, with a `realloc`
/// that has the other body.
fn with_realloc(realloc: &str) -> Vec<u8> {
    wat(&format!(
        r#"(component
            (import "wasi:random/random@0.2.0" (instance $random
                (export "get-random-bytes" (func (param "len" u64) (result (list u8))))
                (export "get-random-u64" (func (result u64)))))
            (core func $number (canon lower (func $random "get-random-u64")))
            (core module $libc
                (import "" "number" (func $number (result i64)))
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) {realloc}))
            (core instance $libc (instantiate $libc (with "" (instance (export "number" (func $number))))))
            (core func $bytes (canon lower (func $random "get-random-bytes")
                (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
            (core module $main
                (import "" "bytes" (func $bytes (param i64 i32)))
                (func (export "run") (result i32) (call $bytes (i64.const 100) (i32.const 8)) (i32.const 0)))
            (core instance $main (instantiate $main (with "" (instance (export "bytes" (func $bytes))))))
            (func $run (result (result)) (canon lift (core func $main "run")))
            (instance $exported (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exported)))"#
    ))
}

#[test]
fn functions_of_the_guest_that_the_host_calls() {
    assert_faults(&with_realloc("(i32.const 0xfffffff0)"), StoreLimits::new(), Trap::PointerOutOfBounds);
    let calls = "(drop (call $number)) (i32.const 1024)";
    assert_faults(&with_realloc(calls), StoreLimits::new(), Trap::CannotLeaveComponent);
}

#[test]
fn results_with_an_invalid_discriminant() {
    let wasm = wat(r#"(component
        (core module $main (func (export "run") (result i32) (i32.const 7)))
        (core instance $main (instantiate $main))
        (func $run (result (result)) (canon lift (core func $main "run")))
        (instance $exported (export "run" (func $run)))
        (export "wasi:cli/run@0.2.0" (instance $exported)))"#);
    assert_faults(&wasm, StoreLimits::new(), Trap::InvalidDiscriminant);
}

#[test]
fn handles_that_do_not_exist() {
    let drop = |handle: &str| {
        wat(&format!(
            r#"(component
                (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
                (alias export $error "error" (type $type))
                (core func $drop (canon resource.drop $type))
                (core module $main
                    (import "" "drop" (func $drop (param i32)))
                    (func (export "run") (result i32) (call $drop (i32.const {handle})) (i32.const 0)))
                (core instance $main (instantiate $main (with "" (instance (export "drop" (func $drop))))))
                (func $run (result (result)) (canon lift (core func $main "run")))
                (instance $exported (export "run" (func $run)))
                (export "wasi:cli/run@0.2.0" (instance $exported)))"#
        ))
    };
    for handle in ["0", "77", "-1"] {
        assert_faults(&drop(handle), StoreLimits::new(), Trap::InvalidHandle);
    }
}

#[test]
fn limits_of_the_store() {
    let strict = |limits: StoreLimits| limits.trap_on_grow_failure(true);
    let grows = command("(drop (memory.grow (i32.const 100)))");
    assert_faults(&grows, strict(StoreLimits::new().memory_size(4 << 16)), Trap::LimitExceeded);
    let table = command_with("(table $t 1 funcref)", "(drop (table.grow $t (ref.null func) (i32.const 9)))");
    assert_faults(&table, strict(StoreLimits::new().table_elements(5)), Trap::LimitExceeded);
    let table = command_with("(table $t 1 funcref)", "(drop (table.grow $t (ref.null func) (i32.const -1)))");
    assert_faults(&table, strict(StoreLimits::new()), Trap::LimitExceeded);
    // What a guest declares counts too, before its first instruction.
    assert_faults(&command(""), StoreLimits::new().memory_size(100), Trap::LimitExceeded);
    assert_faults(&command(""), StoreLimits::new().instances(0), Trap::LimitExceeded);
    assert_faults(&command(""), StoreLimits::new().memories(0), Trap::LimitExceeded);
    let table = command_with("(table 9 funcref)", "");
    assert_faults(&table, StoreLimits::new().table_elements(5), Trap::LimitExceeded);
    assert_faults(&table, StoreLimits::new().tables(0), Trap::LimitExceeded);
}

/// Calls `run` of a module, on an engine with this configuration.
fn call(config: &Config, text: &str) -> Result<(), Error> {
    let engine = Engine::<V>::new(config)?;
    let module = Module::new(&engine, &wat(text))?;
    let mut store = Store::new(&engine, ());
    let instance: Instance<V> = Linker::new(&engine).instantiate(&mut store, &module)?;
    instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())
}

#[test]
fn uncaught_exceptions() {
    let config = Config::new().proposal(Proposal::Exceptions, true);
    let thrown = call(&config, r#"(module (tag $e) (func (export "run") (throw $e)))"#).unwrap_err();
    match (thrown.unsupported(), thrown.trap()) {
        (Some(unsupported), _) => {
            assert_eq!(unsupported.since, Some(33));
            assert!(V::MAJOR < 33, "{thrown:?}");
        }
        // The switch came before the implementation: 33 to 36 refuse the module.
        (None, None) => {
            assert_eq!(thrown.kind(), wasmtime_compat::ErrorKind::InvalidGuest, "{thrown:?}");
            assert!((33..37).contains(&V::MAJOR), "{thrown:?}");
        }
        (None, Some(trap)) => {
            assert_eq!(*trap, Trap::UncaughtException, "{thrown:?}");
            assert!(V::MAJOR >= 37);
        }
    }
}

const CALLS: &str = r#"(module $calls
    (func $crash unreachable)
    (func $inner (param i32)
        (if (local.get 0) (then (call $inner (i32.sub (local.get 0) (i32.const 1)))) (else (call $crash))))
    (func (export "run") (call $inner (i32.const 1))))"#;

#[test]
fn backtraces_name_the_functions() {
    let error = call(&Config::new(), CALLS).unwrap_err();
    assert_eq!(error.trap(), Some(&Trap::Unreachable));
    let backtrace = error.wasm_backtrace().expect("on by default");
    let frames: Vec<_> =
        backtrace.frames().iter().map(|frame| (frame.function.as_deref(), frame.function_index)).collect();
    assert_eq!(frames, [(Some("crash"), 0), (Some("inner"), 1), (Some("inner"), 1), (None, 2)]);
    for frame in backtrace.frames() {
        assert_eq!(frame.module.as_deref(), Some("calls"));
        assert!(frame.module_offset > frame.function_offset && frame.symbols.is_empty(), "{frame:?}");
    }
    // The same instruction on every major.
    assert_eq!(backtrace.frames()[0].function_offset, Some(1), "{backtrace}");
    assert!(backtrace.to_string().starts_with("0: calls!crash (offset 0x"), "{backtrace}");
    assert_eq!(backtrace.to_string().lines().count(), 4);
}

#[test]
fn backtraces_can_be_off() {
    let error = call(&Config::new().backtraces(false), CALLS).unwrap_err();
    assert_eq!((error.trap(), error.wasm_backtrace()), (Some(&Trap::Unreachable), None));
}

#[test]
fn commands_keep_the_backtrace() {
    let wasm = command_with("(func $deep unreachable)", "(call $deep)");
    for done in run_both::<V>(&wasm, &RunConfig::new()).unwrap() {
        let Outcome::Trapped { error, .. } = &done.outcome else { panic!("{:?}", done.outcome) };
        let frames = error.wasm_backtrace().expect("on by default").frames();
        assert_eq!(frames[0].function.as_deref(), Some("deep"), "{frames:?}");
        assert_eq!(frames.len(), 2, "{frames:?}");
    }
}

#[test]
fn backtraces_have_a_bound() {
    let recursion = r#"(module (func $deep (export "run") (call $deep)))"#;
    let error = call(&Config::new(), recursion).unwrap_err();
    assert_eq!(error.trap(), Some(&Trap::StackOverflow));
    let backtrace = error.wasm_backtrace().unwrap();
    assert_eq!((backtrace.frames().len(), backtrace.is_cut()), (64, true));
    assert!(!call(&Config::new(), CALLS).unwrap_err().wasm_backtrace().unwrap().is_cut());

    // Up to 42 Wasmtime copies the name for every frame.
    let name = "x".repeat(20_000);
    let error = call(&Config::new(), &recursion.replace("deep", &name)).unwrap_err();
    assert_eq!(error.kind(), wasmtime_compat::ErrorKind::TooComplex, "{error}");
}

/// A function that traps in line 42, column 7 of `main.c`, as DWARF 4 says it. Addresses are offsets in the code section:
/// the only function is there from 2 to 5, and `unreachable` is at 3.
fn with_dwarf() -> Vec<u8> {
    let mut wasm = wat(r#"(module (func (export "run") unreachable))"#);
    let (low, size) = (2_u32.to_le_bytes(), 3_u32.to_le_bytes());
    let abbreviations: &[&[u8]] = &[
        // A compile unit: name, directory, lines, first address, size.
        &[1, 0x11, 1, 0x03, 0x08, 0x1b, 0x08, 0x10, 0x17, 0x11, 0x01, 0x12, 0x06, 0, 0],
        // A function: name, first address, size.
        &[2, 0x2e, 0, 0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0, 0],
        &[0],
    ];
    let unit: &[&[u8]] =
        &[&[4, 0, 0, 0, 0, 0, 4], b"\x01main.c\0/src\0\0\0\0\0", &low, &size, b"\x02crash\0", &low, &size, &[0]];
    let header: &[&[u8]] = &[&[1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1], b"\0main.c\0\0\0\0\0"];
    // Sets the address, advances by 41 lines, sets the column, makes a row; advances by 3 bytes and ends.
    let program: &[&[u8]] = &[&[0, 5, 2], &low, &[3, 41, 5, 7, 1, 2, 3, 0, 1, 1]];
    let lines = [&4_u16.to_le_bytes()[..], &sized(&header.concat()), &program.concat()].concat();
    add_section(&mut wasm, ".debug_abbrev", &abbreviations.concat());
    add_section(&mut wasm, ".debug_info", &sized(&unit.concat()));
    add_section(&mut wasm, ".debug_line", &sized(&lines));
    wasm
}

#[test]
fn backtraces_name_lines_if_the_guest_has_dwarf() {
    let run = |details: bool| {
        let engine = Engine::<V>::new(&Config::new().backtrace_details(details)).unwrap();
        let module = Module::new(&engine, &with_dwarf()).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
        instance.get_typed_func::<(), ()>(&mut store, "run").unwrap().call(&mut store, ()).unwrap_err()
    };
    let error = run(true);
    let frame = &error.wasm_backtrace().unwrap().frames()[0];
    let [symbol] = &frame.symbols[..] else { panic!("{frame:?}") };
    assert_eq!((symbol.name.as_deref(), symbol.line, symbol.column), (Some("crash"), Some(42), Some(7)), "{frame:?}");
    assert!(symbol.file.as_deref().is_some_and(|file| file.ends_with("main.c")), "{frame:?}");
    assert!(frame.to_string().ends_with("main.c:42:7)"), "{frame}");

    let error = run(false);
    assert!(error.wasm_backtrace().unwrap().frames()[0].symbols.is_empty(), "off by default");
}
