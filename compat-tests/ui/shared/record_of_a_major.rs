// A record that is derived for one major is refused, with any features.

use wasmtime_compat::v48::wasmtime;
use wasmtime_compat::component::Instance;
use wasmtime_compat::{Store, V48};

#[derive(wasmtime::component::ComponentType, wasmtime::component::Lift, wasmtime::component::Lower)]
#[component(record)]
pub struct Point {
    x: u32,
    y: u32,
}

pub fn params(instance: &Instance<V48>, store: &mut Store<V48, ()>) {
    let _ = instance.get_typed_func::<(Point,), ()>(store, "f");
}

pub fn results(instance: &Instance<V48>, store: &mut Store<V48, ()>) {
    let _ = instance.get_typed_func::<(), (Vec<Point>,)>(store, "f");
}

pub fn no_tuple(instance: &Instance<V48>, store: &mut Store<V48, ()>) {
    let _ = instance.get_typed_func::<(), u32>(store, "f");
}

fn main() {}
