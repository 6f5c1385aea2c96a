//! Asynchronous calls and host functions of core modules.

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::{Caller, ErrorKind, Linker, Memory, MemoryType, Module, Store};

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

const COUNTER: &str = r#"(module
    (global $count (mut i32) (i32.const 0))
    (func (export "next") (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count)))"#;

const USER: &str = r#"(module
    (import "counter" "next" (func $next (result i32)))
    (func (export "twice") (result i32) (drop (call $next)) (call $next)))"#;

#[test]
fn modules_under_a_name_on_async_engines() {
    let engine = async_engine::<V>();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let counter = Module::new(&engine, &wat(COUNTER)).unwrap();
    assert_eq!(linker.module(&mut store, "it", &counter).map(drop).unwrap_err().kind(), ErrorKind::SyncAsyncMismatch);
    let result = runtime().block_on(async {
        linker.module_async(&mut store, "counter", &counter).await?;
        let instance = linker.instantiate_async(&mut store, &Module::new(&engine, &wat(USER))?).await?;
        instance.get_typed_func::<(), i32>(&mut store, "twice")?.call_async(&mut store, ()).await
    });
    assert_eq!(result.unwrap(), 2);
}

#[test]
fn memories_of_the_host_on_async_engines() {
    let mut store = Store::new(&async_engine::<V>(), ());
    let memory: wasmtime_compat::Result<_> = runtime().block_on(async {
        let memory = Memory::new_async(&mut store, MemoryType::new(1, Some(2))).await?;
        assert_eq!(memory.grow_async(&mut store, 1).await?, 1);
        Ok(memory)
    });
    assert_eq!(memory.unwrap().size(&store), 2);
    let mut store = Store::new(&engine::<V>(), ());
    let refused = runtime().block_on(Memory::new_async(&mut store, MemoryType::new(1, None)));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::SyncAsyncMismatch);
}
