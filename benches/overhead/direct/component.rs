//! Components on the major itself: typed and dynamic calls, and host functions.

use std::hint::black_box;

use super::wasmtime::component::{
    self, Component, ComponentNamedList, ComponentType, Lift, LinkerInstance, Lower, Resource, ResourceAny,
    ResourceType, Val,
};
use super::wasmtime::{self, Engine, Store, StoreContextMut};
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

fn prepared() -> Result<(Engine, component::InstancePre<()>)> {
    let engine = Engine::default();
    let component = Component::new(&engine, wat::parse_str(ECHO)?)?;
    let pre = component::Linker::new(&engine).instantiate_pre(&component)?;
    Ok((engine, pre))
}

/// Calls a function with a value that lives as long as the measurement.
fn echo<P, R>(name: &'static str, value: P, is_right: fn(&R) -> bool) -> Result<Side>
where
    P: Copy + Send + Sync + 'static,
    (P,): ComponentNamedList + Lower,
    (R,): ComponentNamedList + Lift,
    R: Send + Sync + 'static,
{
    let (engine, pre) = prepared()?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let func = instance.get_typed_func::<(P,), (R,)>(&mut store, name)?;
        expect(is_right(&func.call(&mut store, (value,))?.0), true)?;
        finish!(func, &mut store);
        timed(iterations, || {
            black_box(func.call(&mut store, black_box((value,)))?);
            finish!(func, &mut store);
            Ok(())
        })
    }))
}

pub(crate) fn scalars() -> Result<Side> {
    let (engine, pre) = prepared()?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let add = instance.get_typed_func::<(u32, u32), (u32,)>(&mut store, "add")?;
        expect(add.call(&mut store, (2, 3))?, (5,))?;
        finish!(add, &mut store);
        let mut i = 0;
        timed(iterations, || {
            i += 1;
            black_box(add.call(&mut store, black_box((i, 1)))?);
            finish!(add, &mut store);
            Ok(())
        })
    }))
}

pub(crate) fn string() -> Result<Side> {
    let text: &'static str = "a".repeat(LENGTH).leak();
    echo::<&'static str, String>("echo-string", text, |text| text.len() == LENGTH)
}

pub(crate) fn list() -> Result<Side> {
    let list: &'static [u32] = (0..LENGTH as u32).collect::<Vec<_>>().leak();
    echo::<&'static [u32], Vec<u32>>("echo-list", list, |list| list[LENGTH - 1] == LENGTH as u32 - 1)
}

pub(crate) fn records() -> Result<Side> {
    let records: &'static [Point] = points().leak();
    echo::<&'static [Point], Vec<Point>>("echo-records", records, |records| *records == points())
}

pub(crate) fn method() -> Result<Side> {
    let (engine, pre) = prepared()?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let new = instance.get_typed_func::<(u32,), (ResourceAny,)>(&mut store, "[constructor]counter")?;
        let get = instance.get_typed_func::<(ResourceAny,), (u32,)>(&mut store, "[method]counter.get")?;
        let (counter,) = new.call(&mut store, (COUNTER,))?;
        finish!(new, &mut store);
        expect(get.call(&mut store, (counter,))?, (COUNTER,))?;
        finish!(get, &mut store);
        let elapsed = timed(iterations, || {
            black_box(get.call(&mut store, black_box((counter,)))?);
            finish!(get, &mut store);
            Ok(())
        })?;
        counter.resource_drop(&mut store)?;
        Ok(elapsed)
    }))
}

pub(crate) fn dynamic_list() -> Result<Side> {
    let (engine, pre) = prepared()?;
    let params = [Val::List((0..LENGTH as u32).map(Val::U32).collect())];
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, ());
        let instance = pre.instantiate(&mut store)?;
        let echo = instance.get_func(&mut store, "echo-list").ok_or("no function")?;
        let mut results = [Val::Bool(false)];
        let elapsed = timed(iterations, || {
            echo.call(&mut store, black_box(&params), black_box(&mut results))?;
            finish!(echo, &mut store);
            Ok(())
        })?;
        expect(results == params, true)?;
        Ok(elapsed)
    }))
}

pub(super) type Context<'a> = StoreContextMut<'a, ()>;

/// A resource of the host's.
struct Counter;

/// The host functions but `add`.
pub(super) fn link_values(host: &mut LinkerInstance<'_, ()>) -> Result {
    host.func_wrap("echo-string", |_: Context<'_>, (x,): (String,)| Ok((x,)))?;
    host.func_wrap("echo-list", |_: Context<'_>, (x,): (Vec<u32>,)| Ok((x,)))?;
    host.func_wrap("echo-records", |_: Context<'_>, (x,): (Vec<Point>,)| Ok((x,)))?;
    host.resource("counter", ResourceType::host::<Counter>(), |_: Context<'_>, _| Ok(()))?;
    host.func_wrap("[constructor]counter", |_: Context<'_>, (number,): (u32,)| {
        Ok((Resource::<Counter>::new_own(number),))
    })?;
    host.func_wrap("[method]counter.get", |_: Context<'_>, (counter,): (Resource<Counter>,)| Ok((counter.rep(),)))?;
    Ok(())
}

/// A guest's calls of a host function; each adds `each` to the result.
pub(crate) fn host_function(name: &'static str, each: u32) -> Result<Side> {
    let engine = Engine::default();
    let component = Component::new(&engine, wat::parse_str(IMPORTS)?)?;
    let mut linker = component::Linker::new(&engine);
    let mut host = linker.instance("demo:host/api")?;
    host.func_wrap("add", |_: Context<'_>, (a, b): (u32, u32)| Ok((a.wrapping_add(b),)))?;
    link_values(&mut host)?;
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
