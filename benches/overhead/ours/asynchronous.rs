//! Asynchronous calls and host functions over `W`, of core modules and of components.

use std::hint::black_box;
use std::time::Instant;

use wasmtime_compat::component::{self, Component};
use wasmtime_compat::{Caller, Config, Engine, Linker, Module, Store, Wasmtime};

use super::component::{Context, link_values};
use crate::guests::{ADD, CALL_HOST, ECHO, IMPORTS, block_on};
use crate::measure::{Side, expect};
use crate::shared::Result;

fn engine<W: Wasmtime>() -> Result<Engine<W>> {
    Ok(Engine::<W>::new(&Config::new().async_support(true))?)
}

pub(crate) fn call<W: Wasmtime>() -> Result<Side> {
    let engine = engine::<W>()?;
    let module = Module::new(&engine, &wat::parse_str(ADD)?)?;
    let pre = Linker::new(&engine).instantiate_pre(&module)?;
    Ok(Box::new(move |iterations| {
        block_on(async {
            let mut store = Store::new(&engine, ());
            let instance = pre.instantiate_async(&mut store).await?;
            let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
            let start = Instant::now();
            for i in 0..iterations as i32 {
                black_box(add.call_async(&mut store, black_box((i, 1))).await?);
            }
            Ok(start.elapsed())
        })
    }))
}

pub(crate) fn host_function<W: Wasmtime>() -> Result<Side> {
    let engine = engine::<W>()?;
    let module = Module::new(&engine, &wat::parse_str(CALL_HOST)?)?;
    let mut linker = Linker::<W, ()>::new(&engine);
    linker.func_wrap_async("host", "add", |_: Caller<'_, W, ()>, (a, b): (i32, i32)| {
        Box::new(async move { Ok(a.wrapping_add(b)) })
    })?;
    let pre = linker.instantiate_pre(&module)?;
    Ok(Box::new(move |iterations| {
        block_on(async {
            let mut store = Store::new(&engine, ());
            let instance = pre.instantiate_async(&mut store).await?;
            let run = instance.get_typed_func::<u32, u32>(&mut store, "run")?;
            let start = Instant::now();
            let sum = run.call_async(&mut store, iterations).await?;
            let elapsed = start.elapsed();
            expect(sum, iterations)?;
            Ok(elapsed)
        })
    }))
}

pub(crate) fn component_call<W: Wasmtime>() -> Result<Side> {
    let engine = engine::<W>()?;
    let component = Component::new(&engine, &wat::parse_str(ECHO)?)?;
    let pre = component::Linker::<W, ()>::new(&engine).instantiate_pre(&component)?;
    Ok(Box::new(move |iterations| {
        block_on(async {
            let mut store = Store::new(&engine, ());
            let instance = pre.instantiate_async(&mut store).await?;
            let add = instance.get_typed_func::<(u32, u32), (u32,)>(&mut store, "add")?;
            let start = Instant::now();
            for i in 0..iterations {
                black_box(add.call_async(&mut store, black_box((i, 1))).await?);
            }
            Ok(start.elapsed())
        })
    }))
}

pub(crate) fn component_host_function<W: Wasmtime>() -> Result<Side> {
    let engine = engine::<W>()?;
    let component = Component::new(&engine, &wat::parse_str(IMPORTS)?)?;
    let mut linker = component::Linker::new(&engine);
    let mut host = linker.instance("demo:host/api")?;
    host.func_wrap_async("add", |_: Context<'_, W>, (a, b): (u32, u32)| {
        Box::new(async move { Ok((a.wrapping_add(b),)) })
    })?;
    link_values(&mut host)?;
    drop(host);
    let pre = linker.instantiate_pre(&component)?;
    Ok(Box::new(move |iterations| {
        block_on(async {
            let mut store = Store::new(&engine, ());
            let instance = pre.instantiate_async(&mut store).await?;
            let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "add")?;
            let start = Instant::now();
            let (sum,) = run.call_async(&mut store, (iterations,)).await?;
            let elapsed = start.elapsed();
            expect(sum, iterations)?;
            Ok(elapsed)
        })
    }))
}
