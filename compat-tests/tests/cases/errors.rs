//! Misuse, bad input, WASI of another version and errors of the host: typed errors that name the cause, never a panic.

use std::error::Error as _;

use compat_tests::{
    Adapter, assert_known_difference, async_engine, captured, command, component, engine, print_preopens, run, runtime,
    wat,
};
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::wasi::WasiConfig;
use wasmtime_compat::{
    Caller, Command, Config, CoreWasmtime, Engine, Error, ErrorKind, Exit, Linker, Module, Outcome, RunConfig, Store,
    Trap,
};

use super::V;

const ADD: &str = r#"(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))"#;

#[test]
fn sync_call_on_an_async_engine() {
    let engine = async_engine::<V>();
    let module = Module::new(&engine, &wat(ADD)).unwrap();
    let mut store = Store::new(&engine, ());
    let linker = Linker::new(&engine);
    assert_eq!(linker.instantiate(&mut store, &module).unwrap_err().kind(), ErrorKind::SyncAsyncMismatch);

    let instance = runtime().block_on(linker.instantiate_async(&mut store, &module)).unwrap();
    let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add").unwrap();
    let error = add.call(&mut store, (1, 2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SyncAsyncMismatch);
    assert!(error.hint().unwrap().contains("_async"), "{error}");
    assert_eq!(runtime().block_on(add.call_async(&mut store, (1, 2))).unwrap(), 3);

    let error = Command::new(&engine, &command("")).unwrap().run(&RunConfig::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SyncAsyncMismatch);
}

#[test]
fn async_call_on_a_sync_engine() {
    let engine = engine::<V>();
    let module = Module::new(&engine, &wat(ADD)).unwrap();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let error = runtime().block_on(linker.instantiate_async(&mut store, &module)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SyncAsyncMismatch);
    let error =
        linker.func_wrap_async("m", "f", |_: Caller<'_, V, ()>, (): ()| Box::new(async { Ok(()) })).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SyncAsyncMismatch);
    let error = runtime().block_on(Command::new(&engine, &command("")).unwrap().run_async(&RunConfig::new()));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::SyncAsyncMismatch);
}

#[test]
fn sync_wasi_inside_an_async_task() {
    let command = Command::new(&engine::<V>(), &print_preopens()).unwrap();
    let config = RunConfig { wasi: captured(), ..RunConfig::new() };
    let runtime = runtime();

    // In the future given to `block_on`, and in a task.
    assert!(matches!(runtime.block_on(async { command.run(&config) }).unwrap().outcome, Outcome::Exited(0)));
    let command = std::sync::Arc::new(command);
    let (task_command, task_config) = (command.clone(), config.clone());
    let task = runtime.spawn(async move { task_command.run(&task_config) });
    assert!(matches!(runtime.block_on(task).unwrap().unwrap().outcome, Outcome::Exited(0)));
    // Where there is no other thread for the other tasks: on a current-thread runtime, and in a local set.
    let single = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(single.block_on(async { command.run(&config) }).unwrap_err().kind(), ErrorKind::BlockingInAsync);
    let local = tokio::task::LocalSet::new();
    let ended = local.block_on(&runtime, async { command.run(&config) });
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::BlockingInAsync);

    // Where blocking is allowed it works, inside a runtime or not.
    let (task_command, task_config) = (command.clone(), config.clone());
    let task = runtime.spawn_blocking(move || task_command.run(&task_config));
    assert!(matches!(runtime.block_on(task).unwrap().unwrap().outcome, Outcome::Exited(0)));
    assert!(matches!(command.run(&config).unwrap().outcome, Outcome::Exited(0)));
}

#[test]
fn sync_wasi_of_a_store_without_a_world_inside_an_async_task() {
    let engine = engine::<V>();
    let module = Module::new(&engine, &print_preopens()).unwrap();
    let mut linker = Linker::new(&engine);
    linker.add_wasi().unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").unwrap();
    let single = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = single.block_on(async { start.call(&mut store, ()) }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BlockingInAsync);
    start.call(&mut store, ()).unwrap();
    runtime().block_on(async { start.call(&mut store, ()) }).unwrap();
}

#[test]
fn calls_without_wasi_are_allowed_inside_an_async_task() {
    let engine = engine::<V>();
    let module = Module::new(&engine, &wat(ADD)).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add").unwrap();
    assert_eq!(runtime().block_on(async { add.call(&mut store, (1, 2)) }).unwrap(), 3);
}

#[test]
fn bytes_that_are_no_guest() {
    let engine = engine::<V>();
    let module = wat(ADD);
    let truncated = &module[..module.len() - 3];
    for (bytes, expected) in [
        (&b""[..], "empty"),
        (b"module", "text"),
        (b"\x7fELF\x01\x02\x03\x04", "ELF"),
        (b"\0asm\x09\0\0\0", "version"),
        (&module[..6], "version"),
        (truncated, "end"),
    ] {
        for error in [
            Module::new(&engine, bytes).unwrap_err(),
            Component::new(&engine, bytes).unwrap_err(),
            Command::new(&engine, bytes).unwrap_err(),
        ] {
            if error.kind() == ErrorKind::WrongGuestKind {
                continue;
            }
            assert_eq!(error.kind(), ErrorKind::InvalidGuest, "{error}");
            assert!(error.message().contains(expected), "{bytes:?}: {error}");
        }
    }
}

#[test]
fn every_prefix_and_every_flipped_byte_of_a_guest() {
    let engine = engine::<V>();
    let module = wat(ADD);
    for end in 0..module.len() {
        // A module cut between two sections can be a smaller module; it still has no `_start`.
        let error = Command::new(&engine, &module[..end]).unwrap_err();
        assert!([ErrorKind::InvalidGuest, ErrorKind::Export].contains(&error.kind()), "{end}: {error:?}");
    }
    for at in 0..module.len() {
        let mut bytes = module.clone();
        bytes[at] ^= 0xff;
        // Some flips give another valid module; the others must be typed errors.
        if let Err(error) = Command::new(&engine, &bytes) {
            let expected = [ErrorKind::InvalidGuest, ErrorKind::Export, ErrorKind::Link];
            assert!(expected.contains(&error.kind()), "{at}: {error:?}");
        }
    }
}

#[test]
fn a_component_where_a_module_is_wanted() {
    let engine = engine::<V>();
    let error = Module::new(&engine, &wat("(component)")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongGuestKind);
    assert!(error.message().contains("expected a module, found a component"), "{error}");
    assert_eq!(Component::new(&engine, &wat("(module)")).unwrap_err().kind(), ErrorKind::WrongGuestKind);
}

#[test]
fn guests_that_are_no_commands() {
    let engine = engine::<V>();
    for guest in ["(module)", "(component)"] {
        assert_eq!(Command::new(&engine, &wat(guest)).unwrap_err().kind(), ErrorKind::Export);
    }
}

#[test]
fn missing_import_of_a_module() {
    let wasm = wat(r#"(module (import "env" "nope" (func)) (func (export "_start")))"#);
    let error = Command::new(&engine::<V>(), &wasm).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Link);
    assert_eq!(error.missing_import().unwrap().name, "env::nope");
    assert_eq!(error.message(), "unsatisfied import: `env::nope`");
}

#[test]
fn missing_import_of_a_component() {
    let wasm = wat(r#"(component (import "demo:nope/it@1.2.3" (instance (export "f" (func)))))"#);
    let engine = engine::<V>();
    let component = Component::new(&engine, &wasm).unwrap();
    let error = component::Linker::<V, ()>::new(&engine).instantiate_pre(&component).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Link);
    assert_eq!(error.missing_import().unwrap().name, "demo:nope/it@1.2.3");
    assert_eq!(error.missing_import().unwrap().guest_wasi, None);
}

#[test]
fn components_of_newer_wasi_versions_run_or_name_both_versions() {
    let engine = engine::<V>();
    for adapter in Adapter::ALL {
        match Command::new(&engine, &component(&print_preopens(), adapter)) {
            Ok(command) => {
                let done = command.run(&RunConfig::new()).unwrap();
                assert!(matches!(done.outcome, Outcome::Exited(0)), "{adapter:?}: {:?}", done.outcome);
                if adapter != Adapter::V24 {
                    assert_known_difference::<V>("exact-wasi-imports", false);
                }
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Link, "{adapter:?}: {error:?}");
                let missing = error.missing_import().unwrap();
                assert!(missing.guest_wasi.as_ref().unwrap() > &missing.host_wasi, "{error}");
                assert!(error.message().contains("the guest imports WASI 0.2."), "{error}");
                assert_known_difference::<V>("exact-wasi-imports", true);
            }
        }
    }
}

#[derive(Debug, PartialEq)]
struct Mine(u32);

impl std::fmt::Display for Mine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "mine {}", self.0)
    }
}

impl std::error::Error for Mine {}

/// Calls a guest that calls this host function.
fn call_host(host: impl Fn() -> anyhow::Result<()> + Send + Sync + 'static) -> Error {
    let engine = engine::<V>();
    let wasm = wat(r#"(module (import "host" "f" (func $f)) (func (export "run") (call $f)))"#);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "f", move |_: Caller<'_, V, ()>, (): ()| host()).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &Module::new(&engine, &wasm).unwrap()).unwrap();
    instance.get_typed_func::<(), ()>(&mut store, "run").unwrap().call(&mut store, ()).unwrap_err()
}

#[test]
fn host_errors_can_be_downcast() {
    let error = call_host(|| Err(Mine(7).into()));
    assert_eq!(error.kind(), ErrorKind::Host);
    assert_eq!(error.downcast_ref::<Mine>(), Some(&Mine(7)));
    // The cause is the source, and not in the message too.
    assert_eq!((error.message(), error.to_string().as_str()), ("host function failed", "host function failed"));
    assert_eq!(error.source().map(ToString::to_string), Some("mine 7".to_owned()));
    assert_eq!(format!("{error:#}"), "host function failed: mine 7");
    let error = call_host(|| Err(anyhow::Error::from(Mine(8)).context("while testing")));
    assert_eq!(error.downcast_ref::<Mine>(), Some(&Mine(8)));
    assert_eq!(format!("{error:#}"), "host function failed: while testing: mine 8");
}

/// How a host ends a call, with an error inside that is not a type.
#[derive(Debug)]
enum Abort {
    OutOfGas,
    Fatal(anyhow::Error),
}

impl std::fmt::Display for Abort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("aborted")
    }
}

impl std::error::Error for Abort {}

#[test]
fn host_errors_by_value() {
    for context in [false, true] {
        let error = call_host(move || {
            let error = anyhow::Error::from(Abort::Fatal(anyhow::anyhow!("the disk is gone").context("while reading")));
            Err(if context { error.context("in the host").context(Mine(1)) } else { error })
        });
        let error = error.downcast::<Error>().unwrap_err();
        assert_eq!(error.downcast_ref::<Mine>(), context.then_some(&Mine(1)));
        match error.downcast::<Abort>() {
            Ok(Abort::Fatal(inner)) => assert_eq!(format!("{inner:#}"), "while reading: the disk is gone"),
            other => panic!("{other:?}"),
        }
    }
    // Through a second guest, whose caller adds context.
    let error = call_host(|| Err(anyhow::Error::from(call_host(|| Err(Abort::OutOfGas.into()))).context("nested")));
    assert!(matches!(error.downcast::<Abort>(), Ok(Abort::OutOfGas)));
    // What is not an error at all.
    let error = call_host(|| Err(anyhow::anyhow!("text")));
    assert_eq!(error.downcast::<&str>().unwrap(), "text");
    let error = call_host(|| Err(Trap::OutOfFuel.into())).downcast::<Abort>().unwrap_err();
    assert_eq!(error.trap(), Some(&Trap::OutOfFuel));
}

#[test]
fn host_errors_by_value_on_an_async_engine() {
    let engine = async_engine::<V>();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap_async("host", "f", |_: Caller<'_, V, ()>, (): ()| -> wasmtime_compat::HostFuture<'_, ()> {
            Box::new(async { Err(anyhow::Error::from(Abort::Fatal(anyhow::anyhow!("gone"))).context("while waiting")) })
        })
        .unwrap();
    let wasm = wat(r#"(module (import "host" "f" (func $f)) (start $f))"#);
    let module = Module::new(&engine, &wasm).unwrap();
    let mut store = Store::new(&engine, ());
    let error = runtime().block_on(linker.instantiate_async(&mut store, &module)).unwrap_err();
    assert!(matches!(error.downcast::<Abort>(), Ok(Abort::Fatal(_))));
}

/// What Wasmtime reports is in the message, and so not a source too; the report itself can be had.
#[test]
fn a_cause_is_reported_once() {
    let wasm = wat(r#"(module (func (export "run") unreachable))"#);
    let (engine, mut store) = (engine::<V>(), Store::new(&engine::<V>(), ()));
    assert_eq!(
        Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &wasm).unwrap()).unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &wasm).unwrap()).unwrap();
    let error = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap().call(&mut store, ()).unwrap_err();
    assert_eq!(error.to_string(), "guest trapped: unreachable");
    assert!(error.source().is_none() && error.wasmtime_error().is_some(), "{error:?}");
    assert_eq!(format!("{error:#}"), error.to_string());
    let taken = instance.get_typed_func::<(i64,), ()>(&mut store, "run").unwrap_err();
    assert_eq!(taken.to_string().lines().count(), 1, "{taken}");
    assert!(taken.source().is_none() && taken.wasmtime_error().is_some(), "{taken:?}");
}

#[test]
fn host_functions_can_exit_and_trap() {
    assert_eq!(call_host(|| Err(Exit(9).into())).exit_code(), Some(9));
    assert_eq!(call_host(|| Err(Trap::OutOfFuel.into())).trap(), Some(&Trap::OutOfFuel));
}

#[test]
fn an_error_of_ours_keeps_its_kind_through_a_host_function() {
    let error = call_host(|| {
        Module::new(&engine::<V>(), b"")?;
        Ok(())
    });
    assert_eq!(error.kind(), ErrorKind::InvalidGuest);
}

#[test]
fn a_panic_in_the_hosts_wasi_does_not_spread() {
    let wasm = wat(r#"(module
            (import "wasi_snapshot_preview1" "sock_shutdown" (func $f (param i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "_start") (drop (call $f (i32.const 0) (i32.const 0)))))"#);
    // Checked here, the call returns an errno on every major.
    assert!(matches!(run::<V>(&wasm, &RunConfig::new()).unwrap().outcome, Outcome::Exited(0)));

    // Wasmtime's own function panics up to 22.
    let engine = Engine::<V>::new(&Config::new().raw_wasi(true)).unwrap();
    let command = Command::new(&engine, &wasm).unwrap();
    let outcome = command.run(&RunConfig::new()).unwrap().outcome;
    let panicked = matches!(&outcome, Outcome::Failed(error) if error.kind() == ErrorKind::HostPanic);
    assert!(panicked || matches!(outcome, Outcome::Exited(0)), "{outcome:?}");
    assert_eq!(panicked, <V as CoreWasmtime>::MAJOR < 23);

    let engine = Engine::<V>::new(&Config::new().raw_wasi(true).async_support(true)).unwrap();
    let command = Command::new(&engine, &wasm).unwrap();
    let outcome = runtime().block_on(command.run_async(&RunConfig::new())).unwrap().outcome;
    assert_eq!(matches!(&outcome, Outcome::Failed(error) if error.kind() == ErrorKind::HostPanic), panicked);
    // The host lives on.
    assert!(matches!(run::<V>(&compat_tests::command(""), &RunConfig::new()).unwrap().outcome, Outcome::Exited(0)));
}

#[test]
fn limits_that_need_another_engine() {
    let engine = engine::<V>();
    let command = Command::new(&engine, &command("")).unwrap();
    let fuel = RunConfig { fuel: Some(1), ..RunConfig::new() };
    assert_eq!(command.run(&fuel).unwrap_err().kind(), ErrorKind::Config);
    let timeout = RunConfig { timeout: Some(std::time::Duration::from_secs(1)), ..RunConfig::new() };
    assert_eq!(command.run(&timeout).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn wrong_exports() {
    let engine = engine::<V>();
    let module = Module::new(&engine, &wat(ADD)).unwrap();
    let mut store = Store::with_wasi(&engine, (), &WasiConfig::new()).unwrap();
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    assert_eq!(instance.get_typed_func::<(), ()>(&mut store, "nope").unwrap_err().kind(), ErrorKind::Export);
    assert_eq!(instance.get_typed_func::<(), ()>(&mut store, "add").unwrap_err().kind(), ErrorKind::TypeMismatch);
}

#[test]
fn more_than_any_address_space_has() {
    for config in [
        Config::new().max_wasm_stack(usize::MAX),
        Config::new().memory_guard_size(u64::MAX),
        Config::new().memory_reservation(u64::MAX),
    ] {
        let error = Engine::<V>::new(&config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
        assert!(error.message().contains("the most is"), "{error}");
    }
}
