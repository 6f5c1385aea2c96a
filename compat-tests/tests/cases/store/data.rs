//! Data in stores: any type that borrows nothing, and stores move between threads when their data does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use compat_tests::{engine, wat};
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::{
    AsContext, AsContextMut, Caller, Config, CoreWasmtime, Data, Engine, Linker, Module, Store, StoreContextMut,
    StoreLimits, Wasmtime,
};

use super::V;

type Log = Rc<RefCell<Vec<i32>>>;

#[test]
fn core_modules_share_data_that_is_not_send() {
    let engine = Engine::<V>::new(&Config::new().consume_fuel(true)).unwrap();
    let wasm = wat(r#"(module
        (import "host" "log" (func $log (param i32)))
        (memory (export "memory") 1)
        (func (export "run") (call $log (i32.const 1)) (call $log (i32.const 2))))"#);
    let mut linker = Linker::<V, Log>::new(&engine);
    linker
        .func_wrap("host", "log", |mut caller: Caller<'_, V, Log>, (value,): (i32,)| {
            caller.data_mut().borrow_mut().push(value);
            assert_eq!(caller.data().borrow().len(), caller.as_context().data().borrow().len());
            Ok(())
        })
        .unwrap();
    let log = Log::default();
    let mut store = Store::new(&engine, log.clone());
    store.set_limits(&StoreLimits::new().memories(1));
    store.set_fuel(1000).unwrap();
    let instance = linker.instantiate(&mut store, &Module::new(&engine, &wasm).unwrap()).unwrap();
    instance.get_typed_func::<(), ()>(&mut store, "run").unwrap().call(&mut store, ()).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    assert_eq!(memory.data_size(&store), 1 << 16);
    assert!(store.get_fuel().unwrap() < 1000);
    assert_eq!(*store.data().borrow(), [1, 2]);
    assert_eq!(Rc::strong_count(&log), 2);
    drop(store.into_data());
    assert_eq!(Rc::strong_count(&log), 1);
}

#[test]
fn components_share_data_that_is_not_send() {
    let engine = engine::<V>();
    let wasm = wat(r#"(component
        (import "count" (func $count (result u32)))
        (core func $count (canon lower (func $count)))
        (core module $m
            (import "" "count" (func $count (result i32)))
            (func (export "run") (result i32) (call $count)))
        (core instance $i (instantiate $m (with "" (instance (export "count" (func $count))))))
        (func (export "run") (result u32) (canon lift (core func $i "run"))))"#);
    let mut linker = component::Linker::<V, Rc<Cell<u32>>>::new(&engine);
    linker
        .root()
        .func_wrap("count", |mut context: StoreContextMut<'_, V, Rc<Cell<u32>>>, (): ()| {
            let count = context.as_context_mut().data().get() + 1;
            context.data_mut().set(count);
            Ok((count,))
        })
        .unwrap();
    let count = Rc::new(Cell::new(4));
    let mut store = Store::new(&engine, count.clone());
    let pre = linker.instantiate_pre(&Component::new(&engine, &wasm).unwrap()).unwrap();
    let run = pre.instantiate(&mut store).unwrap().get_typed_func::<(), (u32,)>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), (5,));
    assert_eq!(count.get(), 5);
}

fn is_send<X: Send>(_: &X) {}

/// What is `Send` for any major, not only for those of this build: hosts are generic.
fn stores_are_send<W: CoreWasmtime, T: Data + Send>(store: &mut Store<W, T>) {
    is_send(store);
    is_send(&store.as_context_mut());
}

fn callers_are_send<W: Wasmtime, T: Data + Send>(caller: Caller<'_, W, T>, (): ()) -> anyhow::Result<()> {
    is_send(&caller);
    Ok(())
}

#[test]
fn stores_move_to_another_thread() {
    let engine = engine::<V>();
    let mut linker = Linker::<V, Cell<i32>>::new(&engine);
    linker.func_wrap("host", "f", callers_are_send::<V, Cell<i32>>).unwrap();
    let wasm = wat(r#"(module (import "host" "f" (func $f)) (func (export "run") (call $f)))"#);
    let module = Module::new(&engine, &wasm).unwrap();
    // A cell is `Send` and not `Sync`.
    let mut store = Store::new(&engine, Cell::new(1));
    stores_are_send(&mut store);
    let moved = std::thread::spawn(move || {
        let instance = linker.instantiate(&mut store, &module).unwrap();
        instance.get_typed_func::<(), ()>(&mut store, "run").unwrap().call(&mut store, ()).unwrap();
        store.data().set(2);
        store
    });
    assert_eq!(moved.join().unwrap().into_data().get(), 2);
}
