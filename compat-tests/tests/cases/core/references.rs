//! References: values of the host that guests pass on, and values of guests; kept alive by one rule, and of no use to another
//! store.

use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::{
    AnyRef, Caller, Config, CoreWasmtime, Engine, Error, ErrorKind, ExternRef, Func, FuncType, Global, GlobalType,
    HeapType, I31, Instance, Linker, Module, Mutability, Proposal, Ref, RefType, Store, Table, TableType, Val, ValType,
};

use super::V;

const GUEST: &str = r#"(module
    (import "host" "swap" (func $swap (param externref externref) (result externref externref)))
    (global (export "global") (mut externref) (ref.null extern))
    (table (export "table") 3 externref)
    (func (export "mirror") (param externref i32) (result i32 externref) (local.get 1) (local.get 0))
    (func (export "swap") (param externref externref) (result externref externref)
        (call $swap (local.get 0) (local.get 1)))
    (func (export "put") (param i32 externref) (table.set (local.get 0) (local.get 1)))
    (func (export "take") (param i32) (result externref) (table.get (local.get 0))))"#;

/// Adds one to a counter for as long as it lives.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn swap_type() -> FuncType {
    FuncType::new([ValType::EXTERNREF, ValType::EXTERNREF], [ValType::EXTERNREF, ValType::EXTERNREF])
}

fn instance(engine: &Engine<V>, store: &mut Store<V, ()>) -> Instance<V> {
    let mut linker = Linker::new(engine);
    let swap = |_: Caller<'_, V, ()>, params: &[Val<V>], results: &mut [Val<V>]| {
        results.clone_from_slice(&[params[1].clone(), params[0].clone()]);
        Ok(())
    };
    linker.func_new("host", "swap", swap_type(), swap).unwrap();
    linker.instantiate(store, &Module::new(engine, &wat(GUEST)).unwrap()).unwrap()
}

#[track_caller]
fn text(store: &Store<V, ()>, val: &Val<V>) -> Option<String> {
    let data = val.externref().expect("a reference")?.data(store).unwrap().expect("a value");
    Some(data.downcast_ref::<String>().unwrap().clone())
}

fn text_ref(store: &mut Store<V, ()>, text: &str) -> ExternRef<V> {
    ExternRef::new(store, text.to_owned()).unwrap()
}

#[test]
fn guests_and_hosts_pass_values_of_the_host() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let instance = instance(&engine, &mut store);
    let (a, b) = (text_ref(&mut store, "a"), text_ref(&mut store, "b"));

    let mirror = instance.get_func(&mut store, "mirror").unwrap();
    let mut results = [Val::I32(0), Val::I32(0)];
    mirror.call(&mut store, &[a.clone().into(), 5.into()], &mut results).unwrap();
    assert_eq!((results[0].i32(), text(&store, &results[1]).as_deref()), (Some(5), Some("a")));
    let same = results[1].externref().unwrap().unwrap();
    assert!(ExternRef::ref_eq(&store, same, &a).unwrap());
    assert!(!ExternRef::ref_eq(&store, &b, &a).unwrap());
    mirror.call(&mut store, &[Val::null_extern_ref(), 5.into()], &mut results).unwrap();
    assert_eq!(text(&store, &results[1]), None);

    // Through a function of the host's, with null on the way.
    let swap = instance.get_func(&mut store, "swap").unwrap();
    swap.call(&mut store, &[a.clone().into(), b.clone().into()], &mut results).unwrap();
    let texts = results.each_ref().map(|val| text(&store, val));
    assert_eq!(texts, [Some("b".to_owned()), Some("a".to_owned())]);
    swap.call(&mut store, &[a.clone().into(), Val::ExternRef(None)], &mut results).unwrap();
    assert_eq!((text(&store, &results[0]), text(&store, &results[1]).as_deref()), (None, Some("a")));

    // Globals and tables, of the guest and of the host.
    let global = instance.get_global(&mut store, "global").unwrap();
    assert!(matches!(global.get(&mut store).unwrap(), Val::ExternRef(None)));
    global.set(&mut store, a.clone().into()).unwrap();
    let found = global.get(&mut store).unwrap();
    assert_eq!(text(&store, &found).as_deref(), Some("a"));
    let ty = GlobalType::new(ValType::EXTERNREF, Mutability::Const);
    let global = Global::new(&mut store, ty, b.clone().into()).unwrap();
    let found = global.get(&mut store).unwrap();
    assert_eq!(text(&store, &found).as_deref(), Some("b"));

    let table = instance.get_table(&mut store, "table").unwrap();
    table.set(&mut store, 1, a.clone().into()).unwrap();
    assert_eq!(table.grow(&mut store, 2, b.clone().into()).unwrap(), 3);
    table.fill(&mut store, 0, Ref::Extern(None), 1).unwrap();
    let take = instance.get_func(&mut store, "take").unwrap();
    let put = instance.get_func(&mut store, "put").unwrap();
    put.call(&mut store, &[2.into(), b.into()], &mut []).unwrap();
    let mut found = Vec::new();
    for index in 0..5_u8 {
        take.call(&mut store, &[i32::from(index).into()], &mut results[..1]).unwrap();
        let element = table.get(&mut store, index.into()).unwrap().unwrap();
        assert_eq!(element.is_null(), element.as_extern().unwrap().is_none());
        assert_eq!(text(&store, &element.into()), text(&store, &results[0]));
        found.push(text(&store, &results[0]));
    }
    assert_eq!(found, [None, Some("a"), Some("b"), Some("b"), Some("b")].map(|text| text.map(str::to_owned)));
    let ty = TableType::new(RefType::EXTERNREF, 2, None);
    let table = Table::<V>::new(&mut store, ty, a.into()).unwrap();
    let element = table.get(&mut store, 1).unwrap().unwrap();
    assert_eq!(text(&store, &element.into()).as_deref(), Some("a"));
}

#[test]
fn values_can_be_changed() {
    let mut store = Store::new(&engine::<V>(), ());
    let reference = text_ref(&mut store, "a");
    match reference.data_mut(&mut store) {
        Ok(data) => data.unwrap().downcast_mut::<String>().unwrap().push('b'),
        Err(error) => {
            assert!(V::MAJOR < 20, "{error}");
            assert_eq!(error.unsupported().and_then(|unsupported| unsupported.since), Some(20));
            return;
        }
    }
    assert_eq!(text(&store, &reference.into()).as_deref(), Some("ab"));
}

#[test]
fn values_live_as_long_as_references() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = |store: &mut Store<V, ()>| ExternRef::new(store, Counted::new(&count)).unwrap();
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let instance = instance(&engine, &mut store);
    let first = counted(&mut store);
    let table = instance.get_table(&mut store, "table").unwrap();
    let second = counted(&mut store);
    table.set(&mut store, 0, second.into()).unwrap();

    // What is not in use any more makes way.
    let global = instance.get_global(&mut store, "global").unwrap();
    for _ in 0..100 {
        for _ in 0..100 {
            let reference = counted(&mut store);
            drop(reference.clone());
            global.set(&mut store, reference.clone().into()).unwrap();
            global.get(&mut store).unwrap();
            global.set(&mut store, Val::ExternRef(None)).unwrap();
            table.set(&mut store, 1, reference.into()).unwrap();
            table.get(&mut store, 1).unwrap();
            table.set(&mut store, 1, Ref::Extern(None)).unwrap();
        }
        store.gc().unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
    // What is in use stays.
    let many: Vec<_> = (0..1000).map(|_| counted(&mut store)).collect();
    assert!(many.iter().chain([&first]).all(|it| it.data(&store).unwrap().unwrap().is::<Counted>()));
    let kept = table.get(&mut store, 0).unwrap().unwrap();
    assert!(kept.as_extern().unwrap().unwrap().data(&store).unwrap().unwrap().is::<Counted>());

    // References outlive their store, whose values are dropped with it from 20 on.
    drop(many);
    drop(store);
    assert!(count.load(Ordering::Relaxed) <= 2);
    assert!(first.data(&Store::new(&engine, ())).is_err());
    drop((first, kept));
    assert_eq!(count.load(Ordering::Relaxed), 0);
}

#[test]
fn guests_let_go_of_values() {
    let count = Arc::new(AtomicUsize::new(0));
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let instance = instance(&engine, &mut store);
    let swap = instance.get_func(&mut store, "swap").unwrap();
    let mut results = [Val::null_extern_ref(), Val::null_extern_ref()];
    for round in 1..=100 {
        for _ in 0..100 {
            let reference = ExternRef::new(&mut store, Counted::new(&count)).unwrap();
            swap.call(&mut store, &[reference.into(), Val::ExternRef(None)], &mut results).unwrap();
        }
        // The results of the last call are in use.
        store.gc().unwrap();
        // From 35 to 44 a value that goes to a guest a second time before it is collected is counted once too often.
        let kept = if (35..45).contains(&V::MAJOR) { 100 * round } else { 1 };
        assert_eq!(count.load(Ordering::Relaxed), kept);
    }
    drop((results, store));
    assert_eq!(count.load(Ordering::Relaxed), 0);
}

#[test]
fn another_store_is_an_error() {
    let engine = engine::<V>();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let reference = text_ref(&mut other, "a");
    let home = instance(&engine, &mut store);
    let mirror = home.get_func(&mut store, "mirror").unwrap();
    let (global, table) = (home.get_global(&mut store, "global"), home.get_table(&mut store, "table"));
    let (global, table) = (global.unwrap(), table.unwrap());
    let (val, element) = (Val::from(reference.clone()), Ref::from(reference.clone()));
    let mine = text_ref(&mut store, "b");
    let ty = GlobalType::new(ValType::EXTERNREF, Mutability::Const);
    let mut results = [Val::I32(0), Val::I32(0)];
    for error in [
        reference.data(&store).err(),
        reference.data_mut(&mut store).err(),
        ExternRef::ref_eq(&store, &mine, &reference).err(),
        mirror.call(&mut store, &[val.clone(), 1.into()], &mut results).err(),
        global.set(&mut store, val.clone()).err(),
        Global::new(&mut store, ty, val.clone()).err(),
        table.set(&mut store, 0, element.clone()).err(),
        table.grow(&mut store, 1, element.clone()).err(),
        table.fill(&mut store, 0, element.clone(), 1).err(),
        Table::new(&mut store, TableType::new(RefType::EXTERNREF, 1, None), element).err(),
    ] {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
    // Also where a function of the host's returns it.
    let ty = FuncType::new([], [ValType::EXTERNREF]);
    let func = Func::new(&mut store, ty, move |_: Caller<'_, V, ()>, _, results| {
        results[0] = val.clone();
        Ok(())
    });
    let error = func.unwrap().call(&mut store, &[], &mut results[..1]).unwrap_err();
    assert!(error.to_string().contains("another store"), "{error}");
}

#[test]
fn values_of_the_wrong_type_are_errors() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let instance = instance(&engine, &mut store);
    let reference = text_ref(&mut store, "a");
    let mirror = instance.get_func(&mut store, "mirror").unwrap();
    let global = instance.get_global(&mut store, "global").unwrap();
    let table = instance.get_table(&mut store, "table").unwrap();
    let mut results = [Val::I32(0), Val::I32(0)];
    for error in [
        mirror.call(&mut store, &[reference.clone().into(), reference.into()], &mut results).err(),
        mirror.call(&mut store, &[Val::null_func_ref(), 5.into()], &mut results).err(),
        global.set(&mut store, Val::null_func_ref()).err(),
        table.set(&mut store, 0, Ref::Func(None)).err(),
    ] {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
}

#[test]
fn default_values() {
    let default = |ty| Val::<V>::default_for_ty(&ty);
    assert_eq!(default(ValType::I64).and_then(|val| val.i64()), Some(0));
    assert!(matches!(default(ValType::FUNCREF), Some(Val::FuncRef(None))));
    assert!(matches!(default(ValType::EXTERNREF), Some(Val::ExternRef(None))));
    assert!(matches!(default(ValType::Ref(RefType::new(true, HeapType::I31))), Some(Val::AnyRef(None))));
    assert!(default(ValType::Ref(RefType::new(false, HeapType::Extern))).is_none());
    assert!(default(ValType::Ref(RefType::new(true, HeapType::Exn))).is_none());
}

/// The store of an engine for values of guests, if this major has such values and guests that make them.
fn collected() -> Result<Store<V, ()>, Error> {
    Ok(Store::new(
        &Engine::new(&Config::new().proposal(Proposal::FunctionReferences, true).proposal(Proposal::Gc, true))?,
        (),
    ))
}

#[test]
fn values_of_guests() {
    let mut store = match collected() {
        Ok(store) => store,
        Err(error) => {
            assert!(V::MAJOR < 32 && error.kind() == ErrorKind::Unsupported, "{error}");
            let made = AnyRef::<V>::from_i31(&mut Store::new(&engine::<V>(), ()), I31::wrapping_u32(1));
            match made.err().map(|error| error.unsupported().and_then(|it| it.since)) {
                None => assert!(V::MAJOR >= 20),
                since => assert!(V::MAJOR < 20 && since == Some(Some(20)), "{since:?}"),
            }
            return;
        }
    };
    let guest = r#"(module
        (type $pair (struct (field i32) (field externref)))
        (global (export "global") (mut anyref) (ref.null any))
        (table (export "table") 2 anyref)
        (func (export "number") (param i32) (result anyref) (ref.i31 (local.get 0)))
        (func (export "pair") (param i32 externref) (result anyref) (struct.new $pair (local.get 0) (local.get 1)))
        (func (export "second") (param anyref) (result externref)
            (struct.get $pair 1 (ref.cast (ref $pair) (local.get 0)))))"#;
    let engine = store.engine().clone();
    let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &wat(guest)).unwrap()).unwrap();
    let call = |store: &mut Store<V, ()>, name: &str, params: &[Val<V>]| {
        let mut results = [Val::I32(0)];
        instance.get_func(&mut *store, name).unwrap().call(store, params, &mut results).unwrap();
        let [result] = results;
        result
    };
    let number = call(&mut store, "number", &[(-3).into()]);
    let number = number.anyref().unwrap().unwrap();
    assert!(number.is_i31(&store).unwrap());
    assert_eq!(number.as_i31(&store).unwrap().unwrap().get_i32(), -3);
    let same = AnyRef::from_i31(&mut store, I31::new_i32(-3).unwrap()).unwrap();
    assert!(AnyRef::ref_eq(&store, &same, number).unwrap());
    assert!(number.is_i31(&Store::<V, ()>::new(&engine, ())).is_err());

    let text_in_pair = text_ref(&mut store, "a");
    let pair = call(&mut store, "pair", &[1.into(), text_in_pair.into()]);
    assert_eq!(pair.anyref().unwrap().unwrap().as_i31(&store).unwrap(), None);
    // The guest makes garbage; the host's reference keeps what it refers to.
    for i in 0..10_000 {
        call(&mut store, "pair", &[i.into(), Val::ExternRef(None)]);
    }
    let found = call(&mut store, "second", slice::from_ref(&pair));
    assert_eq!(text(&store, &found).as_deref(), Some("a"));

    let global = instance.get_global(&mut store, "global").unwrap();
    global.set(&mut store, pair).unwrap();
    let pair = global.get(&mut store).unwrap();
    let found = call(&mut store, "second", slice::from_ref(&pair));
    assert_eq!(text(&store, &found).as_deref(), Some("a"));
    let table = instance.get_table(&mut store, "table").unwrap();
    table.set(&mut store, 0, pair.ref_().unwrap()).unwrap();
    let pair = table.get(&mut store, 0).unwrap().unwrap();
    assert!(pair.as_any().unwrap().is_some());
    let found = call(&mut store, "second", &[pair.into()]);
    assert_eq!(text(&store, &found).as_deref(), Some("a"));
}

#[test]
fn engines_without_references() {
    let engine = Engine::<V>::new(&Config::new().proposal(Proposal::ReferenceTypes, false)).unwrap();
    let mut store = Store::new(&engine, ());
    // Up to 19 references are the host's own.
    match ExternRef::new(&mut store, 5) {
        Ok(reference) => assert!(reference.data(&store).unwrap().unwrap().is::<i32>()),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Other, "{error}"),
    }
}

#[test]
fn references_on_async_engines() {
    let engine = async_engine::<V>();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    // A synchronous function of the host's makes a reference, and an asynchronous one hands one on.
    let ty = FuncType::new([], [ValType::EXTERNREF]);
    let make = |mut caller: Caller<'_, V, ()>, _: &[Val<V>], results: &mut [Val<V>]| {
        results[0] = ExternRef::new(&mut caller, String::from("made"))?.into();
        Ok(())
    };
    linker.func_new("host", "make", ty, make).unwrap();
    linker
        .func_new_async("host", "swap", swap_type(), |_: Caller<'_, V, ()>, params, results| {
            Box::new(async move {
                tokio::task::yield_now().await;
                results.clone_from_slice(&[params[1].clone(), params[0].clone()]);
                Ok(())
            })
        })
        .unwrap();
    let guest = r#"(module
        (import "host" "make" (func $make (result externref)))
        (import "host" "swap" (func $swap (param externref externref) (result externref externref)))
        (func (export "run") (param externref) (result externref externref) (call $swap (call $make) (local.get 0))))"#;
    let module = Module::new(&engine, &wat(guest)).unwrap();
    runtime().block_on(async {
        let instance = linker.instantiate_async(&mut store, &module).await.unwrap();
        let run = instance.get_func(&mut store, "run").unwrap();
        let mut results = [Val::null_extern_ref(), Val::null_extern_ref()];
        for _ in 0..1000 {
            let reference = ExternRef::new_async(&mut store, String::from("given")).await.unwrap();
            run.call_async(&mut store, &[reference.into()], &mut results).await.unwrap();
        }
        let texts = results.each_ref().map(|val| text(&store, val).unwrap());
        assert_eq!(texts, ["given", "made"]);
        let table = TableType::new(RefType::EXTERNREF, 1, None);
        let element = text_ref(&mut store, "element");
        let table = Table::<V>::new_async(&mut store, table, element.clone().into()).await.unwrap();
        table.grow_async(&mut store, 1, element.into()).await.unwrap();
        let element = table.get(&mut store, 1).unwrap().unwrap();
        assert_eq!(text(&store, &element.into()).as_deref(), Some("element"));
    });
    assert_eq!(store.gc().unwrap_err().kind(), ErrorKind::SyncAsyncMismatch);
    runtime().block_on(store.gc_async()).unwrap();
    let error = runtime().block_on(ExternRef::new_async(&mut Store::<V, ()>::new(&compat_tests::engine::<V>(), ()), 1));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::SyncAsyncMismatch);
}
