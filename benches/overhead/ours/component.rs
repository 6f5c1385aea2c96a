//! Components over `W`: typed and dynamic calls, and host functions.

use std::hint::black_box;

use wasmtime_compat::component::{
    self, Component, ComponentType, Lift, LinkerInstance, Lower, Resource, ResourceAny, ResourceType, Val,
};
use wasmtime_compat::{ComponentLift, ComponentLower, Config, Engine, Store, StoreContextMut, Wasmtime};

use crate::guests::{COUNTER, ECHO, IMPORTS, LENGTH};
use crate::measure::{Side, expect, timed, timed_once};
use crate::shared::Result;

#[derive(Clone, ComponentType, Debug, Lift, Lower, PartialEq)]
#[component(record)]
struct Point {
    id: u32,
    score: f64,
    level: u32,
}

fn points() -> Vec<Point> {
    (0..LENGTH as u32).map(|id| Point { id, score: f64::from(id) / 2.0, level: id % 3 }).collect()
}

fn prepared<W: Wasmtime>() -> Result<(Engine<W>, component::InstancePre<W, ()>)> {
    let engine = Engine::<W>::new(&Config::new())?;
    let component = Component::new(&engine, &wat::parse_str(ECHO)?)?;
    let pre = component::Linker::new(&engine).instantiate_pre(&component)?;
    Ok((engine, pre))
}

/// Calls a function with a value that lives as long as the measurement.
fn echo<W: Wasmtime, P, R>(name: &'static str, value: P, is_right: fn(&R) -> bool) -> Result<Side>
where
    P: Copy + Send + 'static,
    (P,): ComponentLower,
    (R,): ComponentLift,
    R: 'static,
{
    let (engine, pre) = prepared::<W>()?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let func = instance.get_typed_func::<(P,), (R,)>(&mut store, name)?;
        expect(is_right(&func.call(&mut store, (value,))?.0), true)?;
        timed(iterations, || {
            black_box(func.call(&mut store, black_box((value,)))?);
            Ok(())
        })
    }))
}

pub(crate) fn scalars<W: Wasmtime>() -> Result<Side> {
    let (engine, pre) = prepared::<W>()?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let add = instance.get_typed_func::<(u32, u32), (u32,)>(&mut store, "add")?;
        expect(add.call(&mut store, (2, 3))?, (5,))?;
        let mut i = 0;
        timed(iterations, || {
            i += 1;
            black_box(add.call(&mut store, black_box((i, 1)))?);
            Ok(())
        })
    }))
}

pub(crate) fn string<W: Wasmtime>() -> Result<Side> {
    let text: &'static str = "a".repeat(LENGTH).leak();
    echo::<W, &'static str, String>("echo-string", text, |text| text.len() == LENGTH)
}

pub(crate) fn list<W: Wasmtime>() -> Result<Side> {
    let list: &'static [u32] = (0..LENGTH as u32).collect::<Vec<_>>().leak();
    echo::<W, &'static [u32], Vec<u32>>("echo-list", list, |list| list[LENGTH - 1] == LENGTH as u32 - 1)
}

pub(crate) fn records<W: Wasmtime>() -> Result<Side> {
    let records: &'static [Point] = points().leak();
    echo::<W, &'static [Point], Vec<Point>>("echo-records", records, |records| *records == points())
}

pub(crate) fn method<W: Wasmtime>() -> Result<Side> {
    let (engine, pre) = prepared::<W>()?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let new = instance.get_typed_func::<(u32,), (ResourceAny,)>(&mut store, "[constructor]counter")?;
        let get = instance.get_typed_func::<(ResourceAny,), (u32,)>(&mut store, "[method]counter.get")?;
        let (counter,) = new.call(&mut store, (COUNTER,))?;
        expect(get.call(&mut store, (counter,))?, (COUNTER,))?;
        let elapsed = timed(iterations, || {
            black_box(get.call(&mut store, black_box((counter,)))?);
            Ok(())
        })?;
        counter.resource_drop(&mut store)?;
        Ok(elapsed)
    }))
}

pub(crate) fn dynamic_list<W: Wasmtime>() -> Result<Side> {
    let (engine, pre) = prepared::<W>()?;
    let params = [Val::List((0..LENGTH as u32).map(Val::U32).collect())];
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let echo = instance.get_func(&mut store, "echo-list").ok_or("no function")?;
        let mut results = [Val::Bool(false)];
        let elapsed = timed(iterations, || {
            echo.call(&mut store, black_box(&params), black_box(&mut results))?;
            Ok(())
        })?;
        expect(results == params, true)?;
        Ok(elapsed)
    }))
}

pub(super) type Context<'a, W> = StoreContextMut<'a, W, ()>;

/// A resource of the host's.
struct Counter;

/// The host functions but `add`.
pub(super) fn link_values<W: Wasmtime>(host: &mut LinkerInstance<'_, W, ()>) -> Result {
    host.func_wrap("echo-string", |_: Context<'_, W>, (x,): (String,)| Ok((x,)))?;
    host.func_wrap("echo-list", |_: Context<'_, W>, (x,): (Vec<u32>,)| Ok((x,)))?;
    host.func_wrap("echo-records", |_: Context<'_, W>, (x,): (Vec<Point>,)| Ok((x,)))?;
    host.resource("counter", ResourceType::host::<Counter>(), |_: Context<'_, W>, _| Ok(()))?;
    host.func_wrap("[constructor]counter", |_: Context<'_, W>, (number,): (u32,)| {
        Ok((Resource::<Counter>::new_own(number),))
    })?;
    host.func_wrap("[method]counter.get", |_: Context<'_, W>, (counter,): (Resource<Counter>,)| Ok((counter.rep(),)))?;
    Ok(())
}

/// A guest's calls of a host function; each adds `each` to the result.
pub(crate) fn host_function<W: Wasmtime>(name: &'static str, each: u32) -> Result<Side> {
    let engine = Engine::<W>::new(&Config::new())?;
    let component = Component::new(&engine, &wat::parse_str(IMPORTS)?)?;
    let mut linker = component::Linker::new(&engine);
    let mut host = linker.instance("demo:host/api")?;
    host.func_wrap("add", |_: Context<'_, W>, (a, b): (u32, u32)| Ok((a.wrapping_add(b),)))?;
    link_values(&mut host)?;
    drop(host);
    let pre = linker.instantiate_pre(&component)?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, name)?;
        let (elapsed, (sum,)) = timed_once(|| Ok(run.call(&mut store, (iterations,))?))?;
        expect(sum, iterations.wrapping_mul(each))?;
        Ok(elapsed)
    }))
}
