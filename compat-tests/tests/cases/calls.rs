//! Calling guests and being called by them, with core modules and components, and crossing over to the raw crates.

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::{Caller, Config, Engine, ErrorKind, Linker, Module, Store, StoreContextMut};

use super::V;

#[test]
fn typed_calls() {
    let engine = engine::<V>();
    let wasm = wat(r#"(module
            (func (export "none"))
            (func (export "one") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
            (func (export "many") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
                local.get 3 local.get 2 local.get 1 local.get 0))"#);
    let module = Module::new(&engine, &wasm).unwrap();
    assert_eq!(module.exports(), ["none", "one", "many"]);
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    instance.get_typed_func::<(), ()>(&mut store, "none").unwrap().call(&mut store, ()).unwrap();
    assert_eq!(instance.get_typed_func::<i32, i32>(&mut store, "one").unwrap().call(&mut store, 1).unwrap(), 2);
    let many = instance.get_typed_func::<(i32, i64, f32, f64), (f64, f32, i64, i32)>(&mut store, "many").unwrap();
    assert_eq!(many.call(&mut store, (1, 2, 3.0, 4.0)).unwrap(), (4.0, 3.0, 2, 1));
}

const LOG: &str = r#"(module
    (import "host" "log" (func $log (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 100) "hello")
    (func (export "run") (result i32) (call $log (i32.const 100) (i32.const 5))))"#;

/// Appends the guest's bytes to the store's data.
fn log(mut caller: Caller<'_, V, String>, (pointer, len): (i32, i32)) -> anyhow::Result<i32> {
    let memory = caller.get_memory("memory").ok_or_else(|| anyhow::anyhow!("no memory"))?;
    let mut bytes = vec![0; len as usize];
    memory.read(&mut caller, pointer as usize, &mut bytes)?;
    caller.data_mut().push_str(std::str::from_utf8(&bytes)?);
    memory.write(&mut caller, pointer as usize, b"HELLO")?;
    Ok(len)
}

#[test]
fn host_functions_see_memory_and_data() {
    let engine = engine::<V>();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "log", log).unwrap();
    let mut store = Store::new(&engine, String::new());
    let instance = linker.instantiate(&mut store, &Module::new(&engine, &wat(LOG)).unwrap()).unwrap();
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 5);
    run.call(&mut store, ()).unwrap();
    assert_eq!(store.data(), "helloHELLO");
    store.data_mut().clear();
    assert_eq!(store.into_data(), "");
}

#[test]
fn async_host_functions() {
    let engine = async_engine::<V>();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap_async("host", "log", |caller: Caller<'_, V, String>, params: (i32, i32)| {
            Box::new(async move {
                tokio::task::yield_now().await;
                log(caller, params)
            })
        })
        .unwrap();
    let module = Module::new(&engine, &wat(LOG)).unwrap();
    let mut store = Store::new(&engine, String::new());
    let result = runtime().block_on(async {
        let instance = linker.instantiate_async(&mut store, &module).await?;
        instance.get_typed_func::<(), i32>(&mut store, "run")?.call_async(&mut store, ()).await
    });
    assert_eq!((result.unwrap(), store.data().as_str()), (5, "hello"));
}

/// The futures can move between threads, whatever the major.
#[test]
fn async_calls_can_be_spawned() {
    let runtime = runtime();
    let task = runtime.spawn(async {
        let engine = async_engine::<V>();
        let module = Module::new(&engine, &wat(r#"(module (func (export "f") (result i64) (i64.const 7)))"#))?;
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_async(&mut store, &module).await?;
        instance.get_typed_func::<(), i64>(&mut store, "f")?.call_async(&mut store, ()).await
    });
    assert_eq!(runtime.block_on(task).unwrap().unwrap(), 7);
}

#[test]
fn memory_is_bounds_checked_and_grows() {
    let engine = engine::<V>();
    let module = Module::new(&engine, &wat(r#"(module (memory (export "memory") 1 2))"#)).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    assert!(instance.get_memory(&mut store, "nope").is_none());
    assert_eq!(memory.data_size(&store), 1 << 16);
    assert_eq!(memory.write(&mut store, (1 << 16) - 2, b"abc").unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(memory.read(&mut store, usize::MAX, &mut [0; 2]).unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(memory.grow(&mut store, 1).unwrap(), 1);
    memory.write(&mut store, (1 << 16) - 2, b"abc").unwrap();
    assert!(memory.grow(&mut store, 1).is_err());
}

const COMPONENT: &str = r#"(component
    (import "demo:host/api" (instance $api (export "twice" (func (param "n" u32) (result u32)))))
    (core func $twice (canon lower (func $api "twice")))
    (core module $m
        (import "host" "twice" (func $twice (param i32) (result i32)))
        (func (export "run") (param i32) (result i32) (i32.add (call $twice (local.get 0)) (i32.const 1))))
    (core instance $i (instantiate $m (with "host" (instance (export "twice" (func $twice))))))
    (func $run (param "n" u32) (result u32) (canon lift (core func $i "run")))
    (export "run" (func $run))
    (instance $out (export "run" (func $run)))
    (export "demo:guest/api" (instance $out)))"#;

fn link(engine: &Engine<V>) -> component::Linker<V, u32> {
    let mut linker = component::Linker::new(engine);
    linker
        .func_wrap(Some("demo:host/api"), "twice", |mut context: StoreContextMut<'_, V, u32>, (n,): (u32,)| {
            *context.data_mut() += 1;
            Ok((n * 2,))
        })
        .unwrap();
    linker
}

#[test]
fn component_calls() {
    let engine = engine::<V>();
    let pre = link(&engine).instantiate_pre(&Component::new(&engine, &wat(COMPONENT)).unwrap()).unwrap();
    let mut store = Store::new(&engine, 0);
    let instance = pre.instantiate(&mut store).unwrap();
    for interface in [None, Some("demo:guest/api")] {
        let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, interface, "run").unwrap();
        // Twice: what a call leaves behind must be cleaned up before the next.
        assert_eq!(run.call(&mut store, (20,)).unwrap(), (41,));
        assert_eq!(run.call(&mut store, (1,)).unwrap(), (3,));
    }
    assert_eq!(*store.data(), 4);
    let wrong = instance.get_typed_func::<(u64,), (u32,)>(&mut store, None, "run").err().unwrap();
    assert_eq!(wrong.kind(), ErrorKind::Export);
    let missing = instance.get_typed_func::<(), ()>(&mut store, Some("demo:guest/api"), "nope").err().unwrap();
    assert_eq!(missing.kind(), ErrorKind::Export);
}

#[test]
fn async_component_calls() {
    let engine = async_engine::<V>();
    let pre = link(&engine).instantiate_pre(&Component::new(&engine, &wat(COMPONENT)).unwrap()).unwrap();
    let mut store = Store::new(&engine, 0);
    let result = runtime().block_on(async {
        let instance = pre.instantiate_async(&mut store).await?;
        let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, None, "run")?;
        run.call_async(&mut store, (1,)).await?;
        run.call_async(&mut store, (2,)).await
    });
    assert_eq!(result.unwrap(), (5,));
}

#[test]
fn crossing_over_to_the_raw_crates_and_back() {
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
