//! Objects that do not belong together, and limits and fuel where they are easily forgotten: typed errors on every major,
//! never a panic.

use compat_tests::{async_engine, captured, command, engine, runtime, wat};
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::wasi::WasiConfig;
use wasmtime_compat::{
    Caller, Command, Config, Engine, Error, ErrorKind, Linker, Module, Outcome, RunConfig, Store, StoreContextMut,
    StoreLimits, Trap,
};

use super::V;

const MODULE: &str = r#"(module
    (import "host" "f" (func $f (result i32)))
    (func (export "run") (result i32) (call $f)))"#;

const COMPONENT: &str = r#"(component
    (import "f" (func $f (result u32)))
    (core func $f (canon lower (func $f)))
    (core module $m
        (import "" "f" (func $f (result i32)))
        (func (export "run") (result i32) (call $f)))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))"#;

fn linker(engine: &Engine<V>) -> Linker<V, ()> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "f", |_: Caller<'_, V, ()>, (): ()| Ok(7)).unwrap();
    linker
}

fn component_linker(engine: &Engine<V>) -> component::Linker<V, ()> {
    let mut linker = component::Linker::new(engine);
    linker.root().func_wrap("f", |_: StoreContextMut<'_, V, ()>, (): ()| Ok((7_u32,))).unwrap();
    linker
}

#[track_caller]
fn assert_another_engine<T>(result: Result<T, Error>, what: &str) {
    let error = result.err().unwrap_or_else(|| panic!("{what}: it was taken"));
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{what}: {error:?}");
    assert!(error.message().contains("engine"), "{what}: {error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("clone")), "{what}: {error}");
}

#[test]
fn a_module_of_another_engine() {
    for other in [engine::<V>(), Engine::new(&Config::new().consume_fuel(true)).unwrap()] {
        let engine = engine::<V>();
        let module = Module::new(&other, &wat(MODULE)).unwrap();
        assert_another_engine(linker(&engine).instantiate_pre(&module), "instantiate_pre");
        let mut store = Store::new(&engine, ());
        assert_another_engine(linker(&engine).instantiate(&mut store, &module), "instantiate");
        // All but the store are of the other engine.
        assert_another_engine(linker(&other).instantiate(&mut store, &module), "the store");
        assert_another_engine(linker(&other).instantiate_pre(&module).unwrap().instantiate(&mut store), "pre");
        // All of it belongs together with a clone.
        let instance = linker(&other.clone()).instantiate(Store::new(&other, ()), &module);
        assert!(instance.is_ok(), "{instance:?}");
        // What was refused leaves the store usable.
        let module = Module::new(&engine, &wat(MODULE)).unwrap();
        let instance = linker(&engine).instantiate(&mut store, &module).unwrap();
        assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "run").unwrap().call(&mut store, ()).unwrap(), 7);
    }
}

#[test]
fn a_component_of_another_engine() {
    for other in [engine::<V>(), Engine::new(&Config::new().consume_fuel(true)).unwrap()] {
        let engine = engine::<V>();
        let component = Component::new(&other, &wat(COMPONENT)).unwrap();
        let mut store = Store::new(&engine, ());
        // Up to 22 it is found when the component is instantiated.
        let pre = component_linker(&engine).instantiate_pre(&component);
        assert_another_engine(pre.and_then(|pre| pre.instantiate(&mut store)), "the linker");
        let pre = component_linker(&other).instantiate_pre(&component).unwrap();
        assert_another_engine(pre.instantiate(&mut store), "the store");
        pre.instantiate(Store::new(&other.clone(), ())).unwrap();
    }
}

#[test]
fn async_engines() {
    let (engine, other) = (async_engine::<V>(), async_engine::<V>());
    let module = Module::new(&other, &wat(MODULE)).unwrap();
    let component = Component::new(&other, &wat(COMPONENT)).unwrap();
    let pre = component_linker(&other).instantiate_pre(&component).unwrap();
    runtime().block_on(async {
        let mut store = Store::new(&engine, ());
        assert_another_engine(linker(&engine).instantiate_async(&mut store, &module).await, "module");
        assert_another_engine(linker(&other).instantiate_async(&mut store, &module).await, "store");
        assert_another_engine(pre.instantiate_async(&mut store).await, "component");
    });
}

/// Limits of a store that holds a component.
#[track_caller]
fn limited(wasm: &[u8], limits: &StoreLimits) -> Result<i32, Error> {
    let engine = engine::<V>();
    let mut store = Store::with_wasi(&engine, (), &WasiConfig::new()).unwrap();
    store.set_limits(limits);
    let pre = component::Linker::new(&engine).instantiate_pre(&Component::new(&engine, wasm).unwrap()).unwrap();
    let instance = pre.instantiate(&mut store)?;
    let grow = instance.get_typed_func::<(u32,), (i32,)>(&mut store, "grow").unwrap();
    Ok(grow.call(&mut store, (9,))?.0)
}

#[test]
fn limits_with_components() {
    let wasm = wat(r#"(component
        (core module $m
            (memory 1)
            (table 1 funcref)
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
        (core instance $i (instantiate $m))
        (core instance $j (instantiate $m))
        (func (export "grow") (param "pages" u32) (result s32) (canon lift (core func $i "grow"))))"#);
    let limits = StoreLimits::new();
    assert_eq!(limited(&wasm, &limits).unwrap(), 1);
    assert_eq!(limited(&wasm, &limits.memory_size(9 << 16)).unwrap(), -1);
    assert_eq!(limited(&wasm, &limits.memory_size(10 << 16)).unwrap(), 1);
    // Ten pages of one instance and one of the other.
    assert_eq!(limited(&wasm, &limits.total_memory_bytes(10 << 16)).unwrap(), -1);
    assert_eq!(limited(&wasm, &limits.total_memory_bytes(11 << 16)).unwrap(), 1);
    for refused in [
        limits.instances(1),
        limits.memories(1),
        limits.tables(1),
        limits.memory_size(1),
        limits.total_memory_bytes(1 << 16),
        limits.table_elements(0),
        limits.memory_size(9 << 16).trap_on_grow_failure(true),
    ] {
        let error = limited(&wasm, &refused).unwrap_err();
        assert_eq!(error.trap(), Some(&Trap::LimitExceeded), "{refused:?}: {error:?}");
    }
}

#[test]
fn fuel_after_a_trap() {
    let engine = Engine::<V>::new(&Config::new().consume_fuel(true)).unwrap();
    let wasm = wat(r#"(module
        (func (export "trap") (call $some) unreachable)
        (func $some (export "some") nop nop nop)
        (func (export "loop") (loop (br 0))))"#);
    let mut store = Store::new(&engine, ());
    store.set_fuel(1000).unwrap();
    let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &wasm).unwrap()).unwrap();
    let call = |store: &mut Store<V, ()>, name: &str| {
        let before = store.get_fuel().unwrap();
        let result = instance.get_typed_func::<(), ()>(&mut *store, name).unwrap().call(&mut *store, ());
        (result.err().and_then(|error| error.trap().cloned()), before - store.get_fuel().unwrap())
    };
    let (trap, burned) = call(&mut store, "trap");
    assert_eq!(trap, Some(Trap::Unreachable));
    assert!((1..100).contains(&burned), "{burned}");
    let (trap, burned) = call(&mut store, "some");
    assert!(trap.is_none() && (1..100).contains(&burned), "{burned}");
    let left = store.get_fuel().unwrap();
    assert_eq!(call(&mut store, "loop"), (Some(Trap::OutOfFuel), left));
    assert_eq!(store.get_fuel().unwrap(), 0);
    store.set_fuel(1000).unwrap();
    assert_eq!(call(&mut store, "some").0, None);
}

#[test]
fn fuel_of_a_run_that_traps() {
    let fuel = |body: &str, fuel| {
        let config = RunConfig { fuel, wasi: captured(), ..RunConfig::new() };
        let engine = Engine::<V>::new(&config.engine_config()).unwrap();
        let done = Command::new(&engine, &command(body)).unwrap().run(&config).unwrap();
        (matches!(done.outcome, Outcome::Trapped { .. }), done.fuel_consumed)
    };
    let (trapped, burned) = fuel("unreachable", Some(1000));
    assert!(trapped && burned.is_some_and(|burned| (1..100).contains(&burned)), "{burned:?}");
    assert_eq!(fuel("(loop (br 0))", Some(1000)), (true, Some(1000)));
    assert_eq!(fuel("unreachable", None), (true, None));
}
