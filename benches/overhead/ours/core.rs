//! Core modules over `W`: calls, host functions, memories, globals and instances.

use std::hint::black_box;

use wasmtime_compat::{
    Caller, Config, Engine, FuncType, InstancePre, Linker, Module, PoolingAllocationConfig, Store, Val, ValType,
    Wasmtime,
};

use crate::guests::{ADD, CALL_BACK, CALL_HOST, GLOBAL, INSTANCE, MEMORY};
use crate::measure::{Side, expect, timed, timed_once};
use crate::shared::Result;

fn prepared<W: Wasmtime>(wat: &str) -> Result<(Engine<W>, InstancePre<W, ()>)> {
    let engine = Engine::<W>::new(&Config::new())?;
    let module = Module::new(&engine, &wat::parse_str(wat)?)?;
    let pre = Linker::new(&engine).instantiate_pre(&module)?;
    Ok((engine, pre))
}

pub(crate) fn call<W: Wasmtime>() -> Result<Side> {
    let (engine, pre) = prepared::<W>(ADD)?;
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

pub(crate) fn dynamic_call<W: Wasmtime>() -> Result<Side> {
    let (engine, pre) = prepared::<W>(ADD)?;
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
fn host_function<W: Wasmtime, T: Send + 'static>(
    data: fn() -> T,
    link: impl FnOnce(&mut Linker<W, T>) -> Result,
    wat: &str,
) -> Result<Side> {
    let engine = Engine::<W>::new(&Config::new())?;
    let module = Module::new(&engine, &wat::parse_str(wat)?)?;
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

pub(crate) fn closure<W: Wasmtime>() -> Result<Side> {
    let link = |linker: &mut Linker<W, ()>| {
        linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?;
        Ok(())
    };
    host_function(|| (), link, CALL_HOST)
}

pub(crate) fn closure_with_caller<W: Wasmtime>() -> Result<Side> {
    let link = |linker: &mut Linker<W, u64>| {
        linker.func_wrap("host", "add", |mut caller: Caller<'_, W, u64>, a: i32, b: i32| {
            *caller.data_mut() += 1;
            a.wrapping_add(b)
        })?;
        Ok(())
    };
    host_function(|| 0, link, CALL_HOST)
}

pub(crate) fn tuple<W: Wasmtime>() -> Result<Side> {
    let link = |linker: &mut Linker<W, ()>| {
        linker.func_wrap("host", "add", |_: Caller<'_, W, ()>, (a, b): (i32, i32)| Ok(a.wrapping_add(b)))?;
        Ok(())
    };
    host_function(|| (), link, CALL_HOST)
}

pub(crate) fn dynamic<W: Wasmtime>() -> Result<Side> {
    let link = |linker: &mut Linker<W, ()>| {
        let ty = FuncType::new([ValType::I32, ValType::I32], [ValType::I32]);
        linker.func_new("host", "add", ty, |_, params, results| {
            let (a, b) = (params[0].i32().unwrap_or_default(), params[1].i32().unwrap_or_default());
            results[0] = Val::I32(a.wrapping_add(b));
            Ok(())
        })?;
        Ok(())
    };
    host_function(|| (), link, CALL_HOST)
}

pub(crate) fn call_back<W: Wasmtime>() -> Result<Side> {
    let link = |linker: &mut Linker<W, ()>| {
        linker.func_wrap("host", "call-back", |mut caller: Caller<'_, W, ()>, number: i32| -> anyhow::Result<i32> {
            let increment = caller.get_export("increment").and_then(|export| export.into_func());
            let increment = increment.ok_or_else(|| anyhow::anyhow!("no function"))?;
            let increment = increment.typed::<i32, i32>(&caller)?;
            Ok(increment.call(&mut caller, number)?)
        })?;
        Ok(())
    };
    host_function(|| (), link, CALL_BACK)
}

pub(crate) fn memory_read<W: Wasmtime>(size: usize) -> Result<Side> {
    let (engine, pre) = prepared::<W>(MEMORY)?;
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

pub(crate) fn memory_write<W: Wasmtime>(size: usize) -> Result<Side> {
    let (engine, pre) = prepared::<W>(MEMORY)?;
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

pub(crate) fn global_get<W: Wasmtime>() -> Result<Side> {
    let (engine, pre) = prepared::<W>(GLOBAL)?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let global = instance.get_global(&mut store, "global").ok_or("no global")?;
        timed(iterations, || {
            black_box(black_box(&global).get(&mut store)?);
            Ok(())
        })
    }))
}

pub(crate) fn global_set<W: Wasmtime>() -> Result<Side> {
    let (engine, pre) = prepared::<W>(GLOBAL)?;
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
        expect(global.get(&mut store)?.i32(), Some(i))?;
        Ok(elapsed)
    }))
}

fn instances<W: Wasmtime>(config: &Config, wat: &str) -> Result<Side> {
    let engine = Engine::<W>::new(config)?;
    let module = Module::new(&engine, &wat::parse_str(wat)?)?;
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

pub(crate) fn instantiate<W: Wasmtime>() -> Result<Side> {
    instances::<W>(&Config::new(), ADD)
}

pub(crate) fn instantiate_on_demand<W: Wasmtime>() -> Result<Side> {
    instances::<W>(&Config::new(), INSTANCE)
}

pub(crate) fn instantiate_from_pool<W: Wasmtime>() -> Result<Side> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(100).total_memories(100).total_tables(100).max_memory_size(1 << 20);
    instances::<W>(&Config::new().allocation_strategy(pool), INSTANCE)
}
