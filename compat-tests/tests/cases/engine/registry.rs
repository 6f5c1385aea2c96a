//! The engine of a context, a caller, a module and a linker: it knows what the engine was made with, also for objects that were
//! made with the major itself.

use compat_tests::{async_engine, engine, wat};
use wasmtime_compat::{
    AsContext as _, AsContextMut as _, Caller, Config, Engine, Instance, Linker, Module, Store, StoreContext,
};

use super::{V, raw};

#[test]
fn everything_of_an_engine_returns_the_engine() {
    let engine = engine::<V>();
    let other = Engine::<V>::new(&Config::new()).unwrap();
    let same = |found: &Engine<V>| Engine::same(found, &engine) && !Engine::same(found, &other);
    let mut linker = Linker::<V, bool>::new(&engine);
    let host = engine.clone();
    linker
        .func_wrap("host", "f", move |mut caller: Caller<'_, V, bool>| {
            let is_same = Engine::same(caller.engine(), &host) && Engine::same(caller.as_context_mut().engine(), &host);
            *caller.data_mut() = is_same;
        })
        .unwrap();
    assert!(same(linker.engine()));
    let module =
        Module::new(&engine, wat(r#"(module (import "host" "f" (func $f)) (func $s (call $f)) (start $s))"#)).unwrap();
    assert!(same(module.engine()) && same(module.clone().engine()));
    let mut store = Store::new(&engine, false);
    assert!(same(store.engine()) && same(store.as_context().engine()) && same(store.as_context_mut().engine()));
    let pre = linker.instantiate_pre(&module).unwrap();
    assert!(same(pre.module().engine()));
    let instance = pre.instantiate(&mut store).unwrap();
    assert!(*store.data() && same(instance.module(&store).unwrap().engine()));
}

#[test]
fn objects_of_the_major_find_the_engine() {
    use raw::wasmtime::AsContext as _;

    let engine = async_engine::<V>();
    let module = Module::new(&engine, wat("(module)")).unwrap();
    let again = Module::<V>::from_raw(module.into_raw());
    assert!(again.engine().is_async() && Engine::same(again.engine(), &engine));

    let store = raw::wasmtime::Store::new(engine.as_raw(), raw::StoreData::new((), true));
    let context = StoreContext::<V, ()>::from_raw(store.as_context());
    assert!(context.engine().is_async() && Engine::same(context.engine(), &engine));
    let store = Store::<V, ()>::from_raw(&engine, store);
    assert!(Engine::same(store.engine(), &engine) && Engine::same(store.as_context().engine(), &engine));

    // An engine that was never wrapped.
    let bare = raw::wasmtime::Engine::default();
    let store = raw::wasmtime::Store::new(&bare, raw::StoreData::new((), false));
    let context = StoreContext::<V, ()>::from_raw(store.as_context());
    assert!(!context.engine().is_async() && raw::wasmtime::Engine::same(context.engine().as_raw(), &bare));
}

#[test]
fn modules_and_stores_keep_the_engine() {
    let engine = engine::<V>();
    let weak = engine.weak();
    let module = Module::new(&engine, wat("(module)")).unwrap();
    drop(engine);
    let mut store = Store::new(module.engine(), ());
    Instance::new(&mut store, &module, &[]).unwrap();
    drop(module);
    assert!(weak.upgrade().is_some());
    drop(store);
    assert!(weak.upgrade().is_none());
}

#[test]
fn many_engines() {
    let config = Config::new();
    let first = engine::<V>();
    // Entries of engines that were dropped are removed meanwhile.
    for _ in 0..40 {
        drop(Engine::<V>::from_raw(first.as_raw().clone(), &config));
    }
    let kept: Vec<_> = (0..20).map(|_| Engine::<V>::from_raw(first.as_raw().clone(), &config)).collect();
    let module = Module::new(&first, wat("(module)")).unwrap();
    assert!(Engine::same(Module::<V>::from_raw(module.into_raw()).engine(), &kept[19]));
}
