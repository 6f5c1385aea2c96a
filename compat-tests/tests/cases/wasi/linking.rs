//! Linking WASI beside functions of the host.

use compat_tests::{engine, wat};
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::wasi::WasiConfig;
use wasmtime_compat::{Caller, Config, CoreWasmtime as _, Engine, ErrorKind, Linker, Store, StoreContextMut};

use super::V;

/// Linking WASI replaces functions of its own, and leaves the rule for others as it was.
#[test]
fn shadowing_is_as_it_was_before() {
    let engine = engine::<V>();
    for shadows in [false, true] {
        let mut linker = Linker::<V, ()>::new(&engine);
        let eight = |_: Caller<'_, V, ()>, ()| Ok(8);
        linker.func_wrap("host", "eight", eight).unwrap();
        linker.allow_shadowing(shadows).add_wasi().unwrap();
        match linker.func_wrap("host", "eight", eight) {
            Ok(_) => assert!(shadows),
            Err(error) => assert!(!shadows && error.kind() == ErrorKind::Link, "{error}"),
        }
    }
}

/// The same in linkers of components.
#[test]
fn shadowing_in_component_linkers_is_as_it_was_before() {
    for shadows in [false, true] {
        let mut linker = component::Linker::<V, ()>::new(&engine::<V>());
        let eight = |_: StoreContextMut<'_, V, ()>, (): ()| Ok((8_u32,));
        linker.root().func_wrap("eight", eight).unwrap();
        linker.allow_shadowing(shadows).add_wasi().unwrap();
        match linker.root().func_wrap("eight", eight) {
            Ok(_) => assert!(shadows),
            Err(error) => assert!(!shadows && error.kind() == ErrorKind::Link, "{error}"),
        }
    }
}

/// A host can put functions of its own in the place of those of WASI; the others stay.
#[test]
fn functions_of_wasi_are_replaced() {
    const GUEST: &str = r#"(component
        (import "wasi:random/random@0.2.0" (instance $random
            (export "get-random-u64" (func (result u64)))
            (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
        (core module $libc
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
        (core instance $libc (instantiate $libc))
        (core func $number (canon lower (func $random "get-random-u64")))
        (core func $bytes (canon lower (func $random "get-random-bytes")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        (core module $main
            (import "" "number" (func $number (result i64)))
            (import "" "bytes" (func $bytes (param i64 i32)))
            (import "" "memory" (memory 1))
            (func (export "run") (result i64)
                (call $bytes (i64.const 5) (i32.const 8))
                (i64.add (call $number) (i64.load32_u (i32.const 12)))))
        (core instance $main (instantiate $main (with "" (instance
            (export "number" (func $number)) (export "bytes" (func $bytes))
            (export "memory" (memory $libc "memory"))))))
        (func (export "run") (result u64) (canon lift (core func $main "run"))))"#;
    let engine = Engine::<V>::new(&Config::new()).unwrap();
    let mut linker = component::Linker::<V, ()>::new(&engine);
    linker.allow_shadowing(true).add_wasi().unwrap();
    let interface = format!("wasi:random/random@{}", V::report().wasi.p2);
    let forty = |_: StoreContextMut<'_, V, ()>, (): ()| Ok((40_u64,));
    linker.instance(&interface).unwrap().func_wrap("get-random-u64", forty).unwrap();
    let mut store = Store::with_wasi(&engine, (), &WasiConfig::new()).unwrap();
    let instance = linker.instantiate(&mut store, &Component::new(&engine, wat(GUEST)).unwrap()).unwrap();
    let run = instance.get_typed_func::<(), (u64,)>(&mut store, "run").unwrap();
    // Five bytes from WASI, and forty from the host.
    assert_eq!(run.call(&mut store, ()).unwrap(), (45,));
}
