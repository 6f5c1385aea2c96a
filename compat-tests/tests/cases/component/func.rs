//! Calling functions of components, and being called by components.

use compat_tests::{assert_known_difference, async_engine, engine, runtime, wat};
use wasmtime_compat::component::{self, Component, Val};
use wasmtime_compat::{Engine, ErrorKind, Store, StoreContextMut};

use super::V;

const COMPONENT: &str = r#"(component
    (import "demo:host/api" (instance $api (export "twice" (func (param "n" u32) (result u32)))))
    (core func $twice (canon lower (func $api "twice")))
    (core module $m
        (import "host" "twice" (func $twice (param i32) (result i32)))
        (func (export "run") (param i32) (result i32) (i32.add (call $twice (local.get 0)) (i32.const 1))))
    (core instance $i (instantiate $m (with "host" (instance (export "twice" (func $twice))))))
    (func $run (param "n" u32) (result u32) (canon lift (core func $i "run")))
    (export "run" (func $run))
    (instance $out (export "run" (func $run)))
    (export "demo:guest/api" (instance $out)))"#;

fn link(engine: &Engine<V>) -> component::Linker<V, u32> {
    let mut linker = component::Linker::new(engine);
    linker
        .instance("demo:host/api")
        .unwrap()
        .func_wrap("twice", |mut context: StoreContextMut<'_, V, u32>, (n,): (u32,)| {
            *context.data_mut() += 1;
            Ok((n * 2,))
        })
        .unwrap();
    linker
}

#[test]
fn component_calls() {
    let engine = engine::<V>();
    let pre = link(&engine).instantiate_pre(&Component::new(&engine, &wat(COMPONENT)).unwrap()).unwrap();
    let mut store = Store::new(&engine, 0);
    let instance = pre.instantiate(&mut store).unwrap();
    let runs = [
        instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run").unwrap(),
        instance.get_typed_func::<(u32,), (u32,)>(&mut store, ("demo:guest/api", "run")).unwrap(),
    ];
    for run in runs {
        // Twice: what a call leaves behind must be cleaned up before the next.
        assert_eq!(run.call(&mut store, (20,)).unwrap(), (41,));
        assert_eq!(run.call(&mut store, (1,)).unwrap(), (3,));
    }
    assert_eq!(*store.data(), 4);
    let wrong = instance.get_typed_func::<(u64,), (u32,)>(&mut store, "run").err().unwrap();
    assert_eq!(wrong.kind(), ErrorKind::TypeMismatch);
    let missing = instance.get_typed_func::<(), ()>(&mut store, ("demo:guest/api", "nope")).err().unwrap();
    assert_eq!(missing.kind(), ErrorKind::Export);
}

#[test]
fn async_component_calls() {
    let engine = async_engine::<V>();
    let pre = link(&engine).instantiate_pre(&Component::new(&engine, &wat(COMPONENT)).unwrap()).unwrap();
    let mut store = Store::new(&engine, 0);
    let result = runtime().block_on(async {
        let instance = pre.instantiate_async(&mut store).await?;
        let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run")?;
        run.call_async(&mut store, (1,)).await?;
        run.call_async(&mut store, (2,)).await
    });
    assert_eq!(result.unwrap(), (5,));
}

/// A component that gives more flags than their type has does not end the host.
#[test]
fn flags_beyond_those_of_the_type() {
    const GUEST: &str = r#"(component
        (core module $m (func (export "run") (result i32) (i32.const 0xff)))
        (core instance $i (instantiate $m))
        (type $flags-type (flags "a" "b"))
        (export $flags "flags" (type $flags-type))
        (func (export "run") (result $flags) (canon lift (core func $i "run"))))"#;
    let called = |engine: &Engine<V>| {
        let component = Component::new(engine, &wat(GUEST)).unwrap();
        let linker = component::Linker::new(engine);
        let mut store = Store::new(engine, ());
        let mut results = [Val::Bool(false)];
        let result = if engine.is_async() {
            runtime().block_on(async {
                let instance = linker.instantiate_async(&mut store, &component).await.unwrap();
                let run = instance.get_func(&mut store, "run").unwrap();
                run.call_async(&mut store, &[], &mut results).await
            })
        } else {
            let instance = linker.instantiate(&mut store, &component).unwrap();
            instance.get_func(&mut store, "run").unwrap().call(&mut store, &[], &mut results)
        };
        match result {
            Ok(()) => {
                assert_eq!(results, [Val::Flags(vec!["a".to_owned(), "b".to_owned()])]);
                false
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::HostPanic, "{error:?}");
                true
            }
        }
    };
    let panics = called(&engine::<V>());
    assert_eq!(called(&async_engine::<V>()), panics);
    assert_known_difference::<V>("extra-flags", panics);
}
