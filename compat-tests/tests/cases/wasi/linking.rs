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

/// A host can put an interface of its own in the place of one of WASI's; the others stay.
#[test]
fn an_interface_of_wasi_is_replaced() {
    const GUEST: &str = r#"(component
        (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
        (import "wasi:random/insecure@0.2.0" (instance $insecure
            (export "get-insecure-random-u64" (func (result u64)))))
        (core func $number (canon lower (func $random "get-random-u64")))
        (core func $other (canon lower (func $insecure "get-insecure-random-u64")))
        (core module $main
            (import "" "number" (func $number (result i64)))
            (import "" "other" (func $other (result i64)))
            (func (export "run") (result i64) (drop (call $other)) (call $number)))
        (core instance $main (instantiate $main (with "" (instance
            (export "number" (func $number)) (export "other" (func $other))))))
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
    assert_eq!(run.call(&mut store, ()).unwrap(), (40,));
}
