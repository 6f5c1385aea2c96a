//! Calling functions of core modules.

use compat_tests::{engine, wat};
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
