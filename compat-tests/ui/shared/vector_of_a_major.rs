// A major's own vector is refused, with any features: the rest of this program compiles with all of them.

use wasmtime_compat::v48::wasmtime;
use wasmtime_compat::{Caller, Instance, Linker, Store, V48};

#[path = "../program.rs"]
pub mod program;

pub fn call(instance: &Instance<V48>, store: &mut Store<V48, ()>) {
    let _ = instance.get_typed_func::<(wasmtime::V128,), ()>(store, "f");
}

pub fn results(instance: &Instance<V48>, store: &mut Store<V48, ()>) {
    let _ = instance.get_typed_func::<(), wasmtime::V128>(store, "f");
}

pub fn host(linker: &mut Linker<V48, ()>) {
    let _ = linker.func_wrap("host", "f", |_: Caller<'_, V48, ()>, (_,): (wasmtime::V128,)| Ok(()));
}

fn main() {}
