// What a host function takes and returns is what WebAssembly has.

use wasmtime_compat::{Caller, Linker, V48};

pub fn parameters(linker: &mut Linker<V48, ()>) {
    let _ = linker.func_wrap("host", "a", |_: i32, _: String| ());
}

pub fn results(linker: &mut Linker<V48, ()>) {
    let _ = linker.func_wrap("host", "b", |_: Caller<'_, V48, ()>, _: i32| "text");
}

pub fn data(linker: &mut Linker<V48, ()>) {
    let _ = linker.func_wrap("host", "c", |_: Caller<'_, V48, u32>, _: i32| ());
}

pub fn too_many(linker: &mut Linker<V48, ()>) {
    let _ = linker.func_wrap(
        "host",
        "d",
        |_: i32, _: i32, _: i32, _: i32, _: i32, _: i32, _: i32, _: i32, _: i32, _: i32, _: i32, _: i32, _: i32,
         _: i32, _: i32, _: i32, _: i32| (),
    );
}

fn main() {}
