// Wasmtime 18 to 24 end at 16 parameters, so all majors do here.

use wasmtime_compat::{Instance, Store, V48};

type Seventeen = (i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32);

pub fn call(instance: &Instance<V48>, store: &mut Store<V48, ()>) {
    let _ = instance.get_typed_func::<Seventeen, ()>(store, "f");
}

fn main() {}
