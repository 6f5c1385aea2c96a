//! The rows through wasm_runtime_layer, whose calls have the types of the function at run time only.

use std::hint::black_box;

use wasm_runtime_layer::{Engine, Extern, Func, FuncType, Imports, Instance, Memory, Module, Store, Val, ValType};

use crate::guests::{ADD, CALL_HOST, INSTANCE, MEMORY};
use crate::measure::{Side, expect, timed, timed_once};
use crate::shared::Result;

type Backend = wasmtime_runtime_layer::Engine;

fn prepared(wat: &str) -> Result<(Engine<Backend>, Module)> {
    let engine = Engine::new(Backend::default());
    let module = Module::new(&engine, &wat::parse_str(wat)?)?;
    Ok((engine, module))
}

fn add(store: &mut Store<(), Backend>) -> Func {
    let ty = FuncType::new([ValType::I32, ValType::I32], [ValType::I32]);
    Func::new(store, ty, |_, params, results| {
        let (Val::I32(a), Val::I32(b)) = (&params[0], &params[1]) else { anyhow::bail!("other types") };
        results[0] = Val::I32(a.wrapping_add(*b));
        Ok(())
    })
}

fn number(values: &[Val]) -> Option<i32> {
    match values {
        [Val::I32(number)] => Some(*number),
        _ => None,
    }
}

pub(crate) fn call() -> Result<Side> {
    let (engine, module) = prepared(ADD)?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &Imports::new())?;
        let add = instance.get_export(&store, "add").and_then(Extern::into_func).ok_or("no function")?;
        let mut results = [Val::I32(0)];
        let mut i = 0;
        let elapsed = timed(iterations, || {
            i += 1;
            add.call(&mut store, black_box(&[Val::I32(i), Val::I32(1)]), black_box(&mut results))?;
            Ok(())
        })?;
        expect(number(&results), Some(i + 1))?;
        Ok(elapsed)
    }))
}

pub(crate) fn host_function() -> Result<Side> {
    let (engine, module) = prepared(CALL_HOST)?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let mut imports = Imports::new();
        let add = add(&mut store);
        imports.define("host", "add", Extern::Func(add));
        let instance = Instance::new(&mut store, &module, &imports)?;
        let run = instance.get_export(&store, "run").and_then(Extern::into_func).ok_or("no function")?;
        let count = i32::try_from(iterations)?;
        let mut results = [Val::I32(0)];
        let (elapsed, ()) = timed_once(|| Ok(run.call(&mut store, &[Val::I32(count)], &mut results)?))?;
        expect(number(&results), Some(count))?;
        Ok(elapsed)
    }))
}

fn memory(store: &mut Store<(), Backend>, module: &Module) -> Result<Memory> {
    let instance = Instance::new(&mut *store, module, &Imports::new())?;
    Ok(instance.get_export(&*store, "memory").and_then(Extern::into_memory).ok_or("no memory")?)
}

pub(crate) fn memory_read(size: usize) -> Result<Side> {
    let (engine, module) = prepared(MEMORY)?;
    let mut buffer = vec![0; size];
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let memory = memory(&mut store, &module)?;
        memory.write(&mut store, 0, &vec![1; size + 16])?;
        let elapsed = timed(iterations, || {
            memory.read(&store, black_box(16), black_box(&mut buffer))?;
            Ok(())
        })?;
        expect(buffer.last(), Some(&1))?;
        Ok(elapsed)
    }))
}

pub(crate) fn memory_write(size: usize) -> Result<Side> {
    let (engine, module) = prepared(MEMORY)?;
    let buffer = vec![1; size];
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let memory = memory(&mut store, &module)?;
        let elapsed = timed(iterations, || {
            memory.write(&mut store, black_box(16), black_box(&buffer))?;
            Ok(())
        })?;
        let mut last = [0];
        memory.read(&store, 15 + size, &mut last)?;
        expect(last, [1])?;
        Ok(elapsed)
    }))
}

/// It has no instances prepared before: what an import is given belongs to a store.
pub(crate) fn instantiate() -> Result<Side> {
    let (engine, module) = prepared(INSTANCE)?;
    Ok(Box::new(move |iterations| {
        timed(iterations, || {
            let mut store = Store::new(&engine, ());
            let mut imports = Imports::new();
            let add = add(&mut store);
            imports.define("host", "add", Extern::Func(add));
            black_box(Instance::new(&mut store, &module, &imports)?);
            Ok(())
        })
    }))
}
