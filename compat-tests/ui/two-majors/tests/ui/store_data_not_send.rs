//! Store data that is not `Send` is refused by WASI and by asynchronous functions, and by nothing else.

use std::rc::Rc;

use wasmtime_compat::wasi::WasiConfig;
use wasmtime_compat::{Engine, Linker, Store, TypedFunc, V48};

fn store(engine: &Engine<V48>) -> Store<V48, Rc<i32>> {
    Store::new(engine, Rc::new(1))
}

fn wasi(engine: &Engine<V48>) {
    let _ = Store::with_wasi(engine, Rc::new(1), &WasiConfig::new());
}

fn linker(engine: &Engine<V48>) {
    let _ = Linker::<V48, Rc<i32>>::new(engine).add_wasi();
}

fn call(func: &TypedFunc<V48, (), ()>, store: &mut Store<V48, Rc<i32>>) {
    let _ = func.call(&mut *store, ());
    let _ = func.call_async(store, ());
}

fn main() {}
