//! Guests that are refused: before they are compiled where their names suffice, and with what would help.

use compat_tests::{engine, wat};
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::report::{GuestReport, HostReason};
use wasmtime_compat::{Command, Config, CoreWasmtime, Engine, ErrorKind, Module, Outcome, Precompiled, RunConfig};

use super::V;

/// A component that imports one function of `wasi:cli/exit`, of this version.
fn exit_import(version: &str, function: &str) -> Vec<u8> {
    wat(&format!(
        r#"(component
            (import "wasi:cli/exit@{version}" (instance {function}))
            (core module $main (func (export "run") (result i32) i32.const 0))
            (core instance $main (instantiate $main))
            (func $run (result (result)) (canon lift (core func $main "run")))
            (instance $exported (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exported)))"#
    ))
}

#[test]
fn an_unmet_function_of_an_interface_is_named() {
    let refused = |wasm: &[u8]| Command::new(&engine::<V>(), wasm).unwrap_err();
    let error = refused(&exit_import("0.2.0", r#"(export "leave" (func))"#));
    let missing = error.missing_import().unwrap();
    assert_eq!((missing.item.as_deref(), missing.wrong_type), (Some("leave"), false), "{error:?}");
    assert!(error.message().starts_with("unsatisfied import: `leave` of `wasi:cli/exit@0.2.0`"), "{error}");
    assert!(!error.message().contains("the guest imports"), "no version is to blame: {error}");

    let error = refused(&exit_import("0.2.0", r#"(export "exit" (func (param "status" u32)))"#));
    let missing = error.missing_import().unwrap();
    assert_eq!((missing.item.as_deref(), missing.wrong_type), (Some("exit"), true), "{error:?}");
    assert!(error.message().ends_with("`exit` of `wasi:cli/exit@0.2.0` has another type than the host's"), "{error}");

    let none = r#"(component (import "wasi:no/such@0.2.0" (instance (export "f" (func)))))"#;
    let engine = engine::<V>();
    let component = Component::new(&engine, &wat(none)).unwrap();
    let mut linker = component::Linker::<V, ()>::new(&engine);
    linker.add_wasi().unwrap();
    let error = linker.instantiate_pre(&component).unwrap_err();
    assert_eq!(error.message(), "unsatisfied import: `wasi:no/such@0.2.0`, which this host does not have");
}

#[test]
fn an_interface_that_is_imported_as_a_function_is_named_as_such() {
    for name in ["wasi:random/random@0.2.0", "wasi:random/random", "wasi:no/such@0.2.0"] {
        for ty in ["(func)", r#"(func (param "len" u64) (result (list u8)))"#] {
            let wasm = wat(&format!(r#"(component (import "{name}" {ty}))"#));
            let engine = engine::<V>();
            let mut linker = component::Linker::<V, ()>::new(&engine);
            linker.add_wasi().unwrap();
            let error = linker.instantiate_pre(&Component::new(&engine, &wasm).unwrap()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Link);
            let missing = error.missing_import().unwrap_or_else(|| panic!("{name}: {error:?}"));
            assert!(missing.is_function && missing.item.is_none(), "{error:?}");
            assert_eq!(
                error.message(),
                format!("unsatisfied import: `{name}` is imported as a function, but is the name of an interface")
            );
            assert!(error.hint().unwrap().contains("instance"), "{error:?}");
        }
    }
    // Functions of other names are functions.
    let engine = engine::<V>();
    let component = Component::new(&engine, &wat(r#"(component (import "f" (func)))"#)).unwrap();
    let error = component::Linker::<V, ()>::new(&engine).instantiate_pre(&component).unwrap_err();
    assert_eq!(error.message(), "unsatisfied import: `f`");
}

#[test]
fn the_entry_of_another_wasi_is_named() {
    for version in ["@0.3.0-rc-2025-09-16", "@0.1.0", "@1.0.0", ""] {
        let wasm = wat(&format!(
            r#"(component
                (core module $main (func (export "run") (result i32) i32.const 0))
                (core instance $main (instantiate $main))
                (func $run (result (result)) (canon lift (core func $main "run")))
                (instance $exported (export "run" (func $run)))
                (export "wasi:cli/run{version}" (instance $exported)))"#
        ));
        let error = Command::new(&engine::<V>(), &wasm).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Export);
        let expected = format!("not a command of WASI 0.2 or 0.3: the component exports `wasi:cli/run{version}`");
        assert_eq!(error.message(), expected);
        assert!(error.hint().is_some());
    }
}

#[test]
fn guests_that_are_no_commands_are_refused_before_they_are_compiled() {
    // A body that no major compiles: only its names were looked at.
    let broken = |fields: &str| {
        let mut wasm = wat(&format!("(module {fields} (func (drop (i32.const 0x1234567))))"));
        let last = wasm.len() - 2;
        wasm[last] = 0xff;
        wasm
    };
    let refused = |wasm: &[u8]| Command::new(&engine::<V>(), wasm).unwrap_err();
    assert_eq!(refused(&broken(r#"(func (export "_start"))"#)).kind(), ErrorKind::InvalidGuest);

    let library = refused(&broken(r#"(func (export "_initialize")) (memory (export "memory") 1)"#));
    assert_eq!(library.kind(), ErrorKind::Export);
    assert_eq!(library.message(), "not a command but a library: the module exports `_initialize`, and no `_start`");
    let report = GuestReport::parse(&wat(r#"(module (func (export "_initialize")))"#)).unwrap();
    assert_eq!(report.hosts()[0].reasons, [HostReason::Library]);
    assert!(library.hint().is_some());
    assert_eq!(refused(&broken("")).message(), "not a command: the module exports no `_start`");

    for (import, hint) in [
        (r#""wasi:cli/stdout@0.2.0" "get-stdout""#, Some("wasm-tools component new")),
        (r#""wasi_unstable" "fd_write""#, Some("preview0")),
        (r#""wasi_snapshot_preview1" "fd_wriet""#, None),
        (r#""env" "log""#, None),
    ] {
        let error = refused(&broken(&format!(r#"(import {import} (func)) (func (export "_start"))"#)));
        let name = import.replace('"', "").replace(' ', "::");
        assert_eq!((error.kind(), &error.missing_import().unwrap().name), (ErrorKind::Link, &name), "{error:?}");
        assert_eq!(error.hint().is_some(), hint.is_some(), "{error}");
        assert!(hint.is_none_or(|hint| error.hint().unwrap().contains(hint)), "{error}");
    }
}

#[test]
fn compiled_guests_are_recognised() {
    let engine = engine::<V>();
    let wasm = wat(r#"(module (func (export "_start")))"#);
    let version = V::report().wasmtime;
    let own = engine.precompile(&wasm).unwrap();
    let wasmtimes = Precompiled::parse(&own).unwrap();
    assert_eq!(wasmtimes.wasmtime, version);
    let start = own.windows(4).position(|window| window == b"\x7fELF").expect("Wasmtime's own artefact is in it");

    // From 38 on code fits every version of its major, and says the major only.
    let by = if version.major < 38 { version.to_string() } else { version.major.to_string() };
    for (bytes, expected) in [
        (&own[..], format!("machine code that `Engine::precompile` compiled from a module, with Wasmtime {version}")),
        (&own[start..], format!("not WebAssembly: machine code that Wasmtime {by} compiled for {}", target())),
    ] {
        let error = Command::new(&engine, bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidGuest);
        assert!(error.message().contains(&expected), "{error}");
        assert!(error.hint().unwrap().contains("run the WebAssembly from which the code was compiled"), "{error}");
        assert_eq!(Module::new(&engine, bytes).unwrap_err().message(), error.message());
        // Parts of it are no reason to panic.
        for length in 0..bytes.len().min(2000) {
            assert!(Command::new(&engine, &bytes[..length]).is_err());
        }
    }
}

/// How Wasmtime calls this machine.
fn target() -> String {
    format!("{}-", std::env::consts::ARCH)
}

#[test]
fn entries_that_cannot_be_called_are_refused() {
    let engine = engine::<V>();
    let import = r#"(module (import "wasi_snapshot_preview1" "sched_yield" (func $f (result i32)))
        (export "_start" (func $f)))"#;
    let error = Command::new(&engine, &wat(import)).unwrap_err();
    assert_eq!(error.message(), "not a command: the `_start` of the module is an import");
    for (start, kind) in [
        (r#"(func (export "_start") (param i32))"#, ErrorKind::TypeMismatch),
        (r#"(memory (export "_start") 1)"#, ErrorKind::Export),
    ] {
        let command = Command::new(&engine, &wat(&format!("(module {start})"))).unwrap();
        assert_eq!(command.run(&RunConfig::new()).unwrap_err().kind(), kind, "{start}");
    }

    let wrong = r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)) (func (export "_start")))"#;
    let error = Command::new(&engine, &wat(wrong)).unwrap_err();
    let missing = error.missing_import().unwrap();
    assert_eq!((&*missing.name, missing.wrong_type), ("wasi_snapshot_preview1::fd_write", true), "{error:?}");

    let core = r#"(module (func (export "wasi:cli/run@0.2.0#run") (result i32) (i32.const 0)))"#;
    let error = Command::new(&engine, &wat(core)).unwrap_err();
    assert_eq!(error.message(), "not a command but the core module of a component");
    assert!(error.hint().unwrap().contains("wasm-tools component new"));
}

#[test]
fn memories_that_threads_share_are_refused_by_default() {
    let module = r#"(module (memory 1 1 shared) (func (export "_start")))"#;
    let component = format!("(component (core {}", module.trim_start_matches('(')) + ")";
    for wasm in [wat(module), wat(&component)] {
        let error = Engine::<V>::new(&Config::new()).unwrap().precompile(&wasm).unwrap_err();
        assert!(error.unsupported().is_some(), "{error:?}");
    }
    assert!(Command::new(&engine::<V>(), &wat(module)).unwrap_err().unsupported().is_some());
    let engine = Engine::<V>::new(&Config::new().shared_memory(true)).unwrap();
    let done = Command::new(&engine, &wat(module)).unwrap().run(&RunConfig::new()).unwrap();
    assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
}
