//! Core modules on the major itself: calls, host functions, memories, globals and instances.

use std::hint::black_box;

use super::wasmtime::{
    self, Caller, Config, Engine, FuncType, InstanceAllocationStrategy, InstancePre, Linker, Module,
    PoolingAllocationConfig, Store, Val, ValType,
};
use crate::guests::{ADD, CALL_BACK, CALL_HOST, GLOBAL, INSTANCE, MEMORY};
use crate::measure::{Side, expect, timed, timed_once};
use crate::shared::Result;

fn prepared(wat: &str) -> Result<(Engine, InstancePre<()>)> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(wat)?)?;
    let pre = Linker::new(&engine).instantiate_pre(&module)?;
    Ok((engine, pre))
}

pub(crate) fn call() -> Result<Side> {
    let (engine, pre) = prepared(ADD)?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
        let mut i = 0;
        timed(iterations, || {
            i += 1;
            black_box(add.call(&mut store, black_box((i, 1)))?);
            Ok(())
        })
    }))
}

pub(crate) fn dynamic_call() -> Result<Side> {
    let (engine, pre) = prepared(ADD)?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let add = instance.get_func(&mut store, "add").ok_or("no function")?;
        let mut results = [Val::I32(0)];
        let mut i = 0;
        let elapsed = timed(iterations, || {
            i += 1;
            add.call(&mut store, black_box(&[Val::I32(i), Val::I32(1)]), black_box(&mut results))?;
            Ok(())
        })?;
        expect(results[0].i32(), Some(i + 1))?;
        Ok(elapsed)
    }))
}

/// Calls of a host function from a guest.
fn host_function<T: Send + 'static>(
    data: fn() -> T,
    link: impl FnOnce(&mut Linker<T>) -> Result,
    wat: &str,
) -> Result<Side> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(wat)?)?;
    let mut linker = Linker::new(&engine);
    link(&mut linker)?;
    let pre = linker.instantiate_pre(&module)?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, data());
        let instance = pre.instantiate(&mut store)?;
        let run = instance.get_typed_func::<u32, u32>(&mut store, "run")?;
        let (elapsed, sum) = timed_once(|| Ok(run.call(&mut store, iterations)?))?;
        expect(sum, iterations)?;
        Ok(elapsed)
    }))
}

pub(crate) fn closure() -> Result<Side> {
    let link = |linker: &mut Linker<()>| {
        linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?;
        Ok(())
    };
    host_function(|| (), link, CALL_HOST)
}

pub(crate) fn closure_with_caller() -> Result<Side> {
    let link = |linker: &mut Linker<u64>| {
        linker.func_wrap("host", "add", |mut caller: Caller<'_, u64>, a: i32, b: i32| {
            *caller.data_mut() += 1;
            a.wrapping_add(b)
        })?;
        Ok(())
    };
    host_function(|| 0, link, CALL_HOST)
}

/// As a closure with the caller: the major has no tuple form for synchronous functions.
pub(crate) fn tuple() -> Result<Side> {
    let link = |linker: &mut Linker<()>| {
        linker.func_wrap("host", "add", |_: Caller<'_, ()>, a: i32, b: i32| -> wasmtime::Result<i32> {
            Ok(a.wrapping_add(b))
        })?;
        Ok(())
    };
    host_function(|| (), link, CALL_HOST)
}

pub(crate) fn dynamic() -> Result<Side> {
    let link = |linker: &mut Linker<()>| {
        let ty = FuncType::new(linker.engine(), [ValType::I32, ValType::I32], [ValType::I32]);
        linker.func_new("host", "add", ty, |_, params, results| {
            let (a, b) = (params[0].i32().unwrap_or_default(), params[1].i32().unwrap_or_default());
            results[0] = Val::I32(a.wrapping_add(b));
            Ok(())
        })?;
        Ok(())
    };
    host_function(|| (), link, CALL_HOST)
}

pub(crate) fn call_back() -> Result<Side> {
    let link = |linker: &mut Linker<()>| {
        linker.func_wrap("host", "call-back", |mut caller: Caller<'_, ()>, number: i32| -> wasmtime::Result<i32> {
            let increment = caller.get_export("increment").and_then(|export| export.into_func());
            let increment = increment.ok_or_else(|| wasmtime::Error::msg("no function"))?;
            let increment = increment.typed::<i32, i32>(&caller)?;
            increment.call(&mut caller, number)
        })?;
        Ok(())
    };
    host_function(|| (), link, CALL_BACK)
}

pub(crate) fn memory_read(size: usize) -> Result<Side> {
    let (engine, pre) = prepared(MEMORY)?;
    let mut buffer = vec![0; size];
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let memory = instance.get_memory(&mut store, "memory").ok_or("no memory")?;
        memory.data_mut(&mut store).fill(1);
        let elapsed = timed(iterations, || {
            memory.read(&store, black_box(16), black_box(&mut buffer))?;
            Ok(())
        })?;
        expect(buffer.last(), Some(&1))?;
        Ok(elapsed)
    }))
}

pub(crate) fn memory_write(size: usize) -> Result<Side> {
    let (engine, pre) = prepared(MEMORY)?;
    let buffer = vec![1; size];
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let memory = instance.get_memory(&mut store, "memory").ok_or("no memory")?;
        memory.data_mut(&mut store).fill(0);
        let elapsed = timed(iterations, || {
            memory.write(&mut store, black_box(16), black_box(&buffer))?;
            Ok(())
        })?;
        expect(memory.data(&store)[16 + size - 1], 1)?;
        Ok(elapsed)
    }))
}

pub(crate) fn global_get() -> Result<Side> {
    let (engine, pre) = prepared(GLOBAL)?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let global = instance.get_global(&mut store, "global").ok_or("no global")?;
        timed(iterations, || {
            black_box(black_box(&global).get(&mut store));
            Ok(())
        })
    }))
}

pub(crate) fn global_set() -> Result<Side> {
    let (engine, pre) = prepared(GLOBAL)?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let global = instance.get_global(&mut store, "global").ok_or("no global")?;
        let mut i = 0;
        let elapsed = timed(iterations, || {
            i += 1;
            global.set(&mut store, black_box(Val::I32(i)))?;
            Ok(())
        })?;
        expect(global.get(&mut store).i32(), Some(i))?;
        Ok(elapsed)
    }))
}

fn instances(config: &Config, wat: &str) -> Result<Side> {
    let engine = Engine::new(config)?;
    let module = Module::new(&engine, wat::parse_str(wat)?)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?;
    let pre = linker.instantiate_pre(&module)?;
    Ok(Box::new(move |iterations| {
        timed(iterations, || {
            let mut store = Store::new(&engine, ());
            black_box(pre.instantiate(&mut store)?);
            Ok(())
        })
    }))
}

pub(crate) fn instantiate() -> Result<Side> {
    instances(&Config::new(), ADD)
}

pub(crate) fn instantiate_on_demand() -> Result<Side> {
    instances(&Config::new(), INSTANCE)
}

pub(crate) fn instantiate_from_pool() -> Result<Side> {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_core_instances(100).total_memories(100).total_tables(100).max_memory_size(1 << 20);
    instances(Config::new().allocation_strategy(InstanceAllocationStrategy::Pooling(pool)), INSTANCE)
}
