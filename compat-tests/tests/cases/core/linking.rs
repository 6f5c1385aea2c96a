//! Linking by hand: modules and instances under names, aliases, shadowing, and imports that nothing defines.

use compat_tests::{engine, wat};
use wasmtime_compat::{Caller, Engine, ErrorKind, Linker, Module, Result, Store, Trap};

use super::V;

const COUNTER: &str = r#"(module
    (global $count (mut i32) (i32.const 0))
    (func (export "next") (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
    START)"#;

const USER: &str = r#"(module
    (import "counter" "next" (func $next (result i32)))
    (func (export "twice") (result i32) (drop (call $next)) (call $next)))"#;

fn module(engine: &Engine<V>, text: &str) -> Module<V> {
    Module::new(engine, &wat(text)).unwrap()
}

fn twice(store: &mut Store<V, ()>, linker: &Linker<V, ()>) -> Result<i32> {
    let user = module(linker.engine(), USER);
    let instance = linker.instantiate(&mut *store, &user)?;
    instance.get_typed_func::<(), i32>(&mut *store, "twice")?.call(store, ())
}

#[test]
fn instances_and_modules_under_a_name() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let reactor = module(&engine, &COUNTER.replace("START", ""));
    let instance = linker.instantiate(&mut store, &reactor).unwrap();
    linker.instance(&mut store, "counter", instance).unwrap();
    assert_eq!(twice(&mut store, &linker).unwrap(), 2);
    assert_eq!(linker.instance(&mut store, "counter", instance).unwrap_err().kind(), ErrorKind::Link);

    let initialized = COUNTER.replace("START", r#"(func (export "_initialize") (global.set $count (i32.const 10)))"#);
    let mut linker = Linker::new(&engine);
    linker.module(&mut store, "counter", &module(&engine, &initialized)).unwrap();
    assert_eq!(twice(&mut store, &linker).unwrap(), 12);

    // A command is instantiated for each call, so its count stays.
    let command = COUNTER.replace("START", r#"(func (export "_start"))"#);
    let mut linker = Linker::new(&engine);
    linker.module(&mut store, "counter", &module(&engine, &command)).unwrap();
    assert_eq!(twice(&mut store, &linker).unwrap(), 1);
}

#[test]
fn modules_that_cannot_be_linked() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let mut refused = |text: &str| linker.module(&mut store, "it", &module(&engine, text)).map(drop).unwrap_err();
    let error = refused(USER);
    assert_eq!((error.kind(), error.missing_import().unwrap().name.as_str()), (ErrorKind::Link, "counter::next"));
    let both = r#"(module (func (export "_start")) (func (export "_initialize")))"#;
    assert_eq!(refused(both).kind(), ErrorKind::Link);
    let error = refused(r#"(module (func (export "_initialize") unreachable))"#);
    assert_eq!(error.trap(), Some(&Trap::Unreachable));
    let elsewhere = compat_tests::engine::<V>();
    let stranger = module(&elsewhere, "(module)");
    assert_eq!(linker.module(&mut store, "it", &stranger).map(drop).unwrap_err().kind(), ErrorKind::InvalidArgument);
    let mut store = Store::new(&elsewhere, ());
    assert_eq!(linker.module(&mut store, "it", &stranger).map(drop).unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn aliases_and_shadowing() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let seven = |_: Caller<'_, V, ()>, ()| Ok(7);
    linker.func_wrap("host", "seven", seven).unwrap();
    linker.alias("host", "seven", "counter", "next").unwrap();
    assert_eq!(twice(&mut store, &linker).unwrap(), 7);
    assert_eq!(linker.alias("host", "nope", "counter", "other").map(drop).unwrap_err().kind(), ErrorKind::Link);
    assert_eq!(linker.alias("host", "seven", "counter", "next").map(drop).unwrap_err().kind(), ErrorKind::Link);
    linker.alias_module("counter", "others").unwrap();
    assert_eq!(linker.alias_module("counter", "others").unwrap_err().kind(), ErrorKind::Link);
    let eight = |_: Caller<'_, V, ()>, ()| Ok(8);
    assert_eq!(linker.func_wrap("counter", "next", eight).unwrap_err().kind(), ErrorKind::Link);
    linker.allow_shadowing(true);
    linker.func_wrap("counter", "next", eight).unwrap();
    assert_eq!(twice(&mut store, &linker).unwrap(), 8);
    linker.allow_shadowing(false);
    assert_eq!(linker.func_wrap("counter", "next", eight).unwrap_err().kind(), ErrorKind::Link);
    assert_eq!(linker.clone().func_wrap("counter", "next", eight).unwrap_err().kind(), ErrorKind::Link);
}

#[test]
fn unknown_exports_of_commands() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let command = COUNTER.replace("START", r#"(func (export "_start")) (global (export "extra") i32 (i32.const 0))"#);
    let command = module(&engine, &command);
    let mut linker = Linker::new(&engine);
    let refused = linker.module(&mut store, "counter", &command).map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Link, "{refused:?}");
    assert!(refused.message().contains("extra"), "{refused}");
    for linker in [&mut Linker::new(&engine), Linker::new(&engine).allow_shadowing(true)] {
        linker.allow_unknown_exports(true).module(&mut store, "counter", &command).unwrap();
        assert_eq!(twice(&mut store, linker).unwrap(), 1);
        assert!(linker.get(&mut store, "counter", "extra").is_none());
        // A copy is as the original.
        linker.clone().allow_shadowing(true).module(&mut store, "counter", &command).unwrap();
        linker.allow_unknown_exports(false);
        assert_eq!(linker.module(&mut store, "other", &command).map(drop).unwrap_err().kind(), ErrorKind::Link);
    }
}

const WANTS: &str = r#"(module
    (import "a" "func" (func $func (param i32) (result i64 f32 externref)))
    (import "a" "ready" (func $ready (result i32)))
    (import "a" "global" (global $global (mut i64)))
    (import "a" "func ref" (global (mut funcref)))
    (import "a" "memory" (memory 2))
    (import "a" "table" (table $table 3 funcref))
    (func (export "memory") (result i32) (memory.size))
    (func (export "ready") (result i32) (call $ready))
    (func (export "values") (result i64 f32 i32 i32 i64)
        (call $func (i32.const 1)) (ref.is_null) (table.size $table) (global.get $global)))"#;

#[test]
fn unknown_imports_get_default_values() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("a", "ready", |_: Caller<'_, V, ()>, ()| Ok(5)).unwrap();
    let module = module(&engine, WANTS);
    linker.define_unknown_imports_as_default_values(&mut store, &module).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let values = instance.get_typed_func::<(), (i64, f32, i32, i32, i64)>(&mut store, "values").unwrap();
    assert_eq!(values.call(&mut store, ()).unwrap(), (0, 0.0, 1, 3, 0));
    for (name, value) in [("memory", 2), ("ready", 5)] {
        let func = instance.get_typed_func::<(), i32>(&mut store, name).unwrap();
        assert_eq!(func.call(&mut store, ()).unwrap(), value);
    }
}

#[test]
fn unknown_imports_fail_when_they_are_called() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let user = module(&engine, USER);
    linker.define_unknown_imports_as_traps(&user).unwrap();
    let error = twice(&mut store, &linker).unwrap_err();
    assert_eq!((error.kind(), error.missing_import().unwrap().name.as_str()), (ErrorKind::Link, "counter::next"));
    // What is not a function stays unknown.
    let wants = module(&engine, WANTS);
    linker.define_unknown_imports_as_traps(&wants).unwrap();
    assert_eq!(linker.instantiate(&mut store, &wants).unwrap_err().kind(), ErrorKind::Link);
}
