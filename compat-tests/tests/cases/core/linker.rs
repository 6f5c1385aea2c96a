//! Host functions that core modules import: they see the memory of their caller and the data of the store.

use compat_tests::{engine, wat};
use wasmtime_compat::{Caller, Linker, Module, Store};

use super::V;

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
