//! What instances export: every kind is found by its name, by the host and by host functions.

use compat_tests::{engine, wat};
use wasmtime_compat::{Caller, ErrorKind, Extern, ExternType, Global, Linker, Module, Result, Store};

use super::V;

const EXPORTS: &str = r#"(module
    (func (export "func"))
    (global (export "global") (mut i32) (i32.const 1))
    (table (export "table") 2 funcref)
    (memory (export "memory") 1))"#;

#[test]
fn every_kind_of_export() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &wat(EXPORTS)).unwrap()).unwrap();
    assert!(instance.get_func(&mut store, "func").is_some());
    assert!(instance.get_func(&mut store, "global").is_none());
    assert!(instance.get_global(&mut store, "global").is_some());
    assert!(instance.get_table(&mut store, "table").is_some());
    assert!(instance.get_tag(&mut store, "table").is_none());
    assert!(instance.get_export(&mut store, "memory").unwrap().into_memory().is_some());
    assert!(instance.get_export(&mut store, "nothing").is_none());
    let exports = instance.exports(&mut store);
    assert_eq!(exports.len(), 4);
    let exports: Vec<_> = exports.map(|export| (export.name().to_owned(), export.into_extern())).collect();
    let module = Module::new(&engine, &wat(EXPORTS)).unwrap();
    for ((name, item), declared) in exports.iter().zip(module.exports()) {
        assert_eq!(name, declared.name());
        let ty = item.ty(&store).unwrap();
        assert_eq!(ty, declared.ty(), "{name}");
        assert_eq!(matches!(item, Extern::Table(_)), matches!(ty, ExternType::Table(_)), "{name}");
    }
}

/// The way in which host functions return text: the memory is from the guest's own allocator.
#[test]
fn a_host_function_calls_the_allocator_of_its_caller() {
    let engine = engine::<V>();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "text", |mut caller: Caller<'_, V, ()>, (): ()| {
            let malloc = caller.get_export("malloc").and_then(Extern::into_func).unwrap();
            let address = malloc.typed::<i32, i32>(&caller)?.call(&mut caller, 4)?;
            let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
            memory.write(&mut caller, address as usize, b"text")?;
            assert!(caller.get_export("nothing").is_none());
            Ok(address)
        })
        .unwrap();
    let guest = r#"(module
        (import "host" "text" (func $text (result i32)))
        (memory (export "memory") 1)
        (global $top (mut i32) (i32.const 64))
        (func (export "malloc") (param i32) (result i32)
            global.get $top
            (global.set $top (i32.add (global.get $top) (local.get 0))))
        (func (export "run") (result i32) (i32.load (call $text))))"#;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &Module::new(&engine, &wat(guest)).unwrap()).unwrap();
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), i32::from_le_bytes(*b"text"));
}

#[test]
fn every_kind_of_export_of_a_caller() {
    let engine = engine::<V>();
    let guest =
        format!(r#"(module (import "host" "look" (func $look)) {} (start $look))"#, &EXPORTS[7..EXPORTS.len() - 1]);
    let module = Module::new(&engine, wat(&guest)).unwrap();
    let places = ["func", "global", "nothing"].map(|name| module.get_export_index(name));
    let other = Module::new(&engine, wat(r#"(module (func (export "other")))"#)).unwrap();
    let foreign = other.get_export_index("other").unwrap();
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("host", "look", move |mut caller: Caller<'_, V, u32>| -> Result<()> {
            assert!(caller.get_func("func").is_some() && caller.get_func("global").is_none());
            assert!(caller.get_global("global").is_some() && caller.get_global("nothing").is_none());
            assert!(caller.get_table("table").is_some() && caller.get_memory("memory").is_some());
            assert!(caller.get_tag("table").is_none());
            caller.get_typed_func::<(), ()>("func")?.call(&mut caller, ())?;
            let error = caller.get_typed_func::<(), ()>("nothing").unwrap_err();
            assert_eq!((error.kind(), error.missing_export()), (ErrorKind::Export, Some("nothing")));
            let error = caller.get_typed_func::<i32, ()>("func").unwrap_err();
            assert_eq!((error.kind(), error.missing_export()), (ErrorKind::TypeMismatch, None));
            let [func, global, nothing] = &places;
            assert!(nothing.is_none() && caller.get_module_export(&foreign).is_none());
            assert!(caller.get_module_export(func.as_ref().unwrap()).unwrap().into_func().is_some());
            let global = caller.get_module_export(global.as_ref().unwrap()).and_then(Extern::into_global).unwrap();
            assert_eq!(global.get(&mut caller)?.i32(), Some(1));
            *caller.data_mut() += 1;
            Ok(())
        })
        .unwrap();
    let mut store = Store::new(&engine, 0);
    linker.instantiate(&mut store, &module).unwrap();
    assert_eq!(*store.data(), 1);
}

/// An object of a guest is given to another guest.
#[test]
fn objects_are_defined_in_linkers() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &wat(EXPORTS)).unwrap()).unwrap();
    let global: Global<V> = instance.get_global(&mut store, "global").unwrap();
    let mut linker = Linker::new(&engine);
    linker.define(&mut store, "env", "global", global).unwrap();
    assert!(linker.define(&mut store, "env", "global", global).is_err());
    assert!(linker.get(&mut store, "env", "global").unwrap().into_global().is_some());
    assert!(linker.get(&mut store, "env", "nothing").is_none());
    let guest = r#"(module
        (import "env" "global" (global $g (mut i32)))
        (func (export "run") (global.set $g (i32.const 7))))"#;
    let user = linker.instantiate(&mut store, &Module::new(&engine, &wat(guest)).unwrap()).unwrap();
    user.get_typed_func::<(), ()>(&mut store, "run").unwrap().call(&mut store, ()).unwrap();
    assert_eq!(global.get(&mut store).unwrap().i32(), Some(7));
}
