//! Asynchronous calls and host functions of core modules.

use compat_tests::{async_engine, runtime, wat};
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
