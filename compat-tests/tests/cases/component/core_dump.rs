//! Core dumps of components, of asynchronous calls, and of commands.

use compat_tests::{command, runtime, wat};
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::{Command, Config, CoreWasmtime as _, Engine, Linker, Module, Outcome, RunConfig, Store};

use super::V;

fn engine(config: Config) -> Engine<V> {
    Engine::new(&config.coredump_on_trap(true)).unwrap()
}

/// Two components in one, which are connected by an adapter of Wasmtime's.
const CONNECTED: &str = r#"(component
    (component $one
        (core module $m (func (export "f") (param i32) (result i32) unreachable))
        (core instance $i (instantiate $m))
        (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f"))))
    (component $two
        (import "f" (func $f (param "n" u32) (result u32)))
        (core func $f (canon lower (func $f)))
        (core module $m
            (import "" "f" (func $f (param i32) (result i32)))
            (func (export "f") (param i32) (result i32) (call $f (local.get 0))))
        (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
        (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f"))))
    (instance $one (instantiate $one))
    (instance $two (instantiate $two (with "f" (func $one "f"))))
    (export "f" (func $two "f"))
    (export "g" (func $one "f")))"#;

const ALONE: &str = r#"(component
    (core module $m (func (export "f") (param i32) (result i32) unreachable))
    (core instance $i (instantiate $m))
    (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f"))))"#;

#[test]
fn components() {
    let engine = engine(Config::new());
    for (text, is_written) in [(ALONE, true), (CONNECTED, V::MAJOR >= 49)] {
        let mut store = Store::new(&engine, ());
        let component = Component::new(&engine, wat(text)).unwrap();
        let instance = component::Linker::new(&engine).instantiate(&mut store, &component).unwrap();
        let f = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "f").unwrap();
        let error = f.call(&mut store, (1,)).unwrap_err();
        let dump = error.wasm_core_dump().unwrap();
        assert!(!dump.frames().is_empty());
        match dump.serialize(&mut store, "component") {
            Ok(bytes) => assert!(is_written && bytes.starts_with(b"\0asm")),
            Err(error) => {
                assert!(!is_written, "{error:?}");
                assert_eq!(error.unsupported().unwrap().since, Some(49), "{error:?}");
            }
        }
    }
}

#[test]
fn asynchronous_calls() {
    let engine = engine(Config::new().async_support(true));
    let module = Module::new(&engine, wat("(module (func (export \"trap\") unreachable))")).unwrap();
    let mut store = Store::new(&engine, ());
    runtime().block_on(async {
        let instance = Linker::new(&engine).instantiate_async(&mut store, &module).await.unwrap();
        let trap = instance.get_typed_func::<(), ()>(&mut store, "trap").unwrap();
        let error = trap.call_async(&mut store, ()).await.unwrap_err();
        assert!(error.wasm_core_dump().unwrap().serialize(&mut store, "").is_ok());
        let trap = instance.get_func(&mut store, "trap").unwrap();
        let error = trap.call_async(&mut store, &[], &mut []).await.unwrap_err();
        assert!(error.wasm_core_dump().unwrap().serialize(&mut store, "").is_ok());
        // A store of its own: newer majors refuse to enter components after a trap.
        let mut store = Store::new(&engine, ());
        let component = Component::new(&engine, wat(ALONE)).unwrap();
        let instance = component::Linker::new(&engine).instantiate_async(&mut store, &component).await.unwrap();
        let f = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "f").unwrap();
        let error = f.call_async(&mut store, (1,)).await.unwrap_err();
        assert!(error.wasm_core_dump().unwrap().serialize(&mut store, "").is_ok());
    });
}

#[test]
fn commands() {
    let mut config = RunConfig::new();
    config.core_dump = true;
    config.wasi.arg("the command");
    let completed = |wasm: &[u8], config: &RunConfig| {
        let engine = Engine::<V>::new(&config.engine_config()).unwrap();
        Command::new(&engine, wasm).unwrap().run(config).unwrap()
    };
    let traps = command("(unreachable)");
    let done = completed(&traps, &config);
    assert!(matches!(done.outcome, Outcome::Trapped { .. }), "{:?}", done.outcome);
    let dump = done.core_dump.unwrap().unwrap();
    assert!(dump.windows(11).any(|bytes| bytes == b"the command"));
    let exits = completed(&command("(call $exit (i32.const 1))"), &config);
    assert!(matches!(exits.outcome, Outcome::Exited(1)) && exits.core_dump.is_none());
    assert!(completed(&traps, &RunConfig::new()).core_dump.is_none());
}
