//! Crossing over with objects that the major's own crates have made: a host that is written on them hands over what it
//! has, uses this crate, and takes it back.

use compat_tests::{create_file, engine, wat};
use tempfile::tempdir;
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::wasi::{Preopen, WasiConfig};
use wasmtime_compat::{
    Config, Engine, ErrorKind, Instance, InstancePre, Linker, Memory, Module, Store, StoreLimits, Trap, TypedFunc,
};

use super::{V, raw};

const GUEST: &str = r#"(module
    (import "host" "next" (func $next (param i32) (result i32)))
    (memory (export "memory") 1 10)
    (func (export "run") (param i32) (result i32)
        (i32.store (i32.const 16) (call $next (local.get 0)))
        (i32.load (i32.const 16)))
    (func (export "grow") (result i32) (memory.grow (i32.const 1))))"#;

/// The fuel of its stores.
const FUEL: u64 = 1_000_000;

/// What a host written on the raw crate has.
struct Raw {
    engine: raw::wasmtime::Engine,
    module: raw::wasmtime::Module,
    linker: raw::wasmtime::Linker<raw::StoreData<Vec<i32>>>,
    store: raw::wasmtime::Store<raw::StoreData<Vec<i32>>>,
}

fn raw_host() -> Raw {
    let mut config = raw::wasmtime::Config::new();
    config.consume_fuel(true).epoch_interruption(true);
    let engine = raw::wasmtime::Engine::new(&config).unwrap();
    let module = raw::wasmtime::Module::from_binary(&engine, &wat(GUEST)).unwrap();
    let mut linker = raw::wasmtime::Linker::new(&engine);
    let next = |mut caller: raw::wasmtime::Caller<'_, raw::StoreData<Vec<i32>>>, number: i32| {
        caller.data_mut().data_mut().push(number);
        number + 1
    };
    linker.func_wrap("host", "next", next).unwrap();
    let mut store = raw::wasmtime::Store::new(&engine, raw::StoreData::new(vec![0], false));
    store.set_fuel(FUEL).unwrap();
    store.set_epoch_deadline(1000);
    Raw { engine, module, linker, store }
}

/// The configuration as this crate needs to know it.
fn config() -> Config {
    Config::new().consume_fuel(true).epoch_interruption(true)
}

#[test]
fn what_is_made_before() {
    let Raw { engine, module, linker, mut store } = raw_host();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap();

    let engine = Engine::<V>::from_raw(engine, &config());
    let mut store = Store::from_raw(&engine, store);
    let (instance, memory) = (Instance::<V>::from_raw(instance), Memory::<V>::from_raw(memory));
    let run = TypedFunc::<V, i32, i32>::from_raw(run);
    assert_eq!(run.call(&mut store, 41).unwrap(), 42);
    assert_eq!(instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap().call(&mut store, 1).unwrap(), 2);
    let mut word = [0; 4];
    memory.read(&mut store, 16, &mut word).unwrap();
    assert_eq!(word, [2, 0, 0, 0]);
    assert_eq!(store.data(), &[0, 41, 1]);
    let fuel = store.get_fuel().unwrap();
    assert!((1..FUEL).contains(&fuel), "{fuel}");
    // Limits, deadlines and fuel of this crate hold for a store that it has not made.
    store.set_limits(&StoreLimits::new().memory_size(1 << 16).trap_on_grow_failure(true));
    let grow = instance.get_typed_func::<(), i32>(&mut store, "grow").unwrap();
    assert_eq!(grow.call(&mut store, ()).unwrap_err().trap(), Some(&Trap::LimitExceeded));
    store.set_epoch_deadline(1).unwrap();
    engine.increment_epoch();
    assert_eq!(run.call(&mut store, 1).unwrap_err().trap(), Some(&Trap::Interrupt));
    store.set_epoch_deadline(100).unwrap();
    store.set_fuel(0).unwrap();
    assert_eq!(run.call(&mut store, 1).unwrap_err().trap(), Some(&Trap::OutOfFuel));

    // And back.
    let mut store = store.into_raw();
    store.set_fuel(1000).unwrap();
    let run = instance.as_raw().get_typed_func::<i32, i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, 6).unwrap(), 7);
    assert_eq!(memory.as_raw().data(&store).get(16), Some(&7));
    assert_eq!(store.into_data().into_data(), [0, 41, 1, 6]);
}

#[test]
fn what_is_made_after() {
    let Raw { engine, module, linker, store } = raw_host();
    let engine = Engine::<V>::from_raw(engine, &config());
    let (mut linker, module) = (Linker::<V, Vec<i32>>::from_raw(&engine, linker), Module::<V>::from_raw(module));
    assert_eq!(module.exports().map(|export| export.name().to_owned()).collect::<Vec<_>>(), ["memory", "run", "grow"]);
    // Ours beside theirs, in one linker, and a name that is taken.
    linker.func_wrap("host", "more", |_: wasmtime_compat::Caller<'_, V, Vec<i32>>, (n,): (i32,)| Ok(n)).unwrap();
    let taken = linker.func_wrap("host", "next", |_: wasmtime_compat::Caller<'_, V, Vec<i32>>, (n,): (i32,)| Ok(n));
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::Link);
    let mut store = Store::from_raw(&engine, store);
    let pre = InstancePre::<V, Vec<i32>>::from_raw(linker.as_raw().instantiate_pre(module.as_raw()).unwrap());
    let instance = pre.instantiate(&mut store).unwrap();
    assert_eq!(instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap().call(&mut store, 9).unwrap(), 10);
    assert_eq!(store.into_data(), [0, 9]);
}

#[test]
fn a_store_of_ours_in_the_raw_crate() {
    let root = tempdir().unwrap();
    let engine = engine::<V>();
    let mut wasi = WasiConfig::new();
    wasi.preopen(Preopen::new(root.path(), "/"));
    let mut linker = Linker::new(&engine);
    linker.add_wasi().unwrap();
    let module = Module::new(&engine, &create_file()).unwrap();
    let mut store = Store::with_wasi(&engine, 7, &wasi).unwrap();
    let instance = linker.as_raw().instantiate(store.as_raw_mut(), module.as_raw()).unwrap();
    let start = instance.get_typed_func::<(), ()>(store.as_raw_mut(), "_start").unwrap();
    let error = start.call(store.as_raw_mut(), ()).unwrap_err();
    assert!(error.root_cause().to_string().contains("exit status 0"), "{error:?}");
    assert!(root.path().join("new").exists());
    assert_eq!(store.into_raw().data().data(), &7);
}

const ADDER: &str = r#"(component
    (import "next" (func $next (param "n" u32) (result u32)))
    (core func $next (canon lower (func $next)))
    (core module $m
        (import "" "next" (func $next (param i32) (result i32)))
        (func (export "run") (param i32) (result i32) (call $next (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance (export "next" (func $next))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))"#;

#[test]
fn components() {
    let Raw { engine: raw_engine, store, .. } = raw_host();
    let raw_component = raw::wasmtime::component::Component::from_binary(&raw_engine, &wat(ADDER)).unwrap();
    let mut raw_linker = raw::wasmtime::component::Linker::<raw::StoreData<Vec<i32>>>::new(&raw_engine);
    let next = |mut context: raw::wasmtime::StoreContextMut<'_, raw::StoreData<Vec<i32>>>, (n,): (u32,)| {
        context.data_mut().data_mut().push(1);
        Ok((n + 1,))
    };
    raw_linker.root().func_wrap("next", next).unwrap();

    let engine = Engine::<V>::from_raw(raw_engine, &config());
    let (component, linker) =
        (Component::<V>::from_raw(&engine, raw_component), component::Linker::from_raw(&engine, raw_linker));
    let mut store = Store::from_raw(&engine, store);
    let instance = linker.instantiate_pre(&component).unwrap().instantiate(&mut store).unwrap();
    let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, (1,)).unwrap(), (2,));
    assert_eq!(run.call(&mut store, (5,)).unwrap(), (6,));
    assert_eq!(store.data(), &[0, 1, 1]);
    // Ours made, theirs used.
    let again = linker.as_raw().instantiate(store.as_raw_mut(), component.as_raw()).unwrap();
    assert!(again.get_func(store.as_raw_mut(), "run").is_some());
}

/// A store that the raw crate has made has an empty world, in which a guest of WASI can run.
#[test]
fn wasi_in_a_raw_store() {
    let Raw { engine, store, .. } = raw_host();
    let engine = Engine::<V>::from_raw(engine, &config());
    let mut store = Store::from_raw(&engine, store);
    let mut linker = Linker::new(&engine);
    linker.add_wasi().unwrap();
    // Without a directory the call is refused with `badf`.
    let instance = linker.instantiate(&mut store, &Module::new(&engine, &create_file()).unwrap()).unwrap();
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").unwrap();
    assert_eq!(start.call(&mut store, ()).unwrap_err().exit_code(), Some(8));
}

#[test]
fn wasi_of_a_component_in_a_raw_store() {
    let Raw { engine, store, .. } = raw_host();
    let engine = Engine::<V>::from_raw(engine, &config());
    let mut store = Store::from_raw(&engine, store);
    let mut linker = component::Linker::new(&engine);
    linker.add_wasi().unwrap();
    let wasm = compat_tests::component(&create_file(), compat_tests::Adapter::V24);
    let pre = linker.instantiate_pre(&Component::new(&engine, &wasm).unwrap()).unwrap();
    let instance = pre.instantiate(&mut store).unwrap();
    let run = instance.get_typed_func::<(), (Result<(), ()>,)>(&mut store, ("wasi:cli/run@0.2.0", "run")).unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(error.exit_code(), Some(1), "{error:?}");
}

#[test]
fn objects_of_ours_and_back() {
    let config = Config::new();
    let raw = Engine::<V>::new(&config).unwrap().into_raw();
    let engine = Engine::<V>::from_raw(raw, &config);
    let module = Module::new(&engine, &wat(r#"(module (func (export "f") (result i32) (i32.const 3)))"#)).unwrap();
    let module = Module::<V>::from_raw(module.into_raw());
    let mut store = Store::from_raw(&engine, Store::new(&engine, 5).into_raw());
    let linker = Linker::<V, i32>::from_raw(&engine, Linker::new(&engine).into_raw());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "f").unwrap().call(&mut store, ()).unwrap(), 3);
    assert_eq!(store.into_raw().into_data().into_data(), 5);
}
