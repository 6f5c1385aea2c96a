//! The README's example: one host on two majors.

use wasmtime_compat::{Config, CoreWasmtime, Engine, Linker, Module, Result, Store, V24, V48, Wasmtime};

fn add<W: Wasmtime>(wasm: &[u8], a: i32, b: i32) -> Result<i32> {
    let engine = Engine::<W>::new(&Config::new())?;
    let module = Module::new(&engine, wasm)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?.call(&mut store, (a, b))
}

fn main() -> Result<()> {
    // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
    let wasm = b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";
    println!("{} on Wasmtime {}", add::<V24>(wasm, 40, 2)?, V24::report().wasmtime);
    println!("{} on Wasmtime {}", add::<V48>(wasm, 40, 2)?, V48::report().wasmtime);
    Ok(())
}
