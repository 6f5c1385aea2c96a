//! A record that is derived for one major is refused, with any features.

use wasmtime_compat::v48::wasmtime;
use wasmtime_compat::{ComponentInstance, Store, V48};

#[derive(wasmtime::component::ComponentType, wasmtime::component::Lift, wasmtime::component::Lower)]
#[component(record)]
pub struct Point {
    x: u32,
    y: u32,
}

pub fn params(instance: &ComponentInstance<V48>, store: &mut Store<V48, ()>) {
    let _ = instance.typed_func::<(Point,), ()>(store, None, "f");
}

pub fn results(instance: &ComponentInstance<V48>, store: &mut Store<V48, ()>) {
    let _ = instance.typed_func::<(), (Vec<Point>,)>(store, None, "f");
}

pub fn no_tuple(instance: &ComponentInstance<V48>, store: &mut Store<V48, ()>) {
    let _ = instance.typed_func::<(), u32>(store, None, "f");
}

fn main() {}
