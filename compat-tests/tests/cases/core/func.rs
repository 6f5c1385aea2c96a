//! Calling functions of core modules, synchronously and asynchronously.

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::{Linker, Module, Store};

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
    assert_eq!(module.exports().map(|export| export.name().to_owned()).collect::<Vec<_>>(), ["none", "one", "many"]);
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    instance.get_typed_func::<(), ()>(&mut store, "none").unwrap().call(&mut store, ()).unwrap();
    assert_eq!(instance.get_typed_func::<i32, i32>(&mut store, "one").unwrap().call(&mut store, 1).unwrap(), 2);
    let many = instance.get_typed_func::<(i32, i64, f32, f64), (f64, f32, i64, i32)>(&mut store, "many").unwrap();
    assert_eq!(many.call(&mut store, (1, 2, 3.0, 4.0)).unwrap(), (4.0, 3.0, 2, 1));
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
