//! Tables: made by hosts and by guests, read, written and grown; misuse is a typed error.

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::{Caller, ErrorKind, Func, Linker, Module, Ref, RefType, Store, StoreLimits, Table, TableType};

use super::V;

fn seven(store: &mut Store<V, ()>) -> Ref<V> {
    Func::wrap(store, |_: Caller<'_, V, ()>, (): ()| Ok(7)).into()
}

#[test]
fn elements_are_read_written_and_copied() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let ty = TableType::new(RefType::FUNCREF, 2, Some(5));
    let table = Table::<V>::new(&mut store, ty.clone(), Ref::Func(None)).unwrap();
    assert_eq!(table.ty(&store).unwrap(), ty);
    assert!(table.get(&mut store, 1).unwrap().unwrap().is_null());
    assert!(table.get(&mut store, 2).unwrap().is_none());
    assert!(table.get(&mut store, u64::MAX).unwrap().is_none());
    let func = seven(&mut store);
    table.set(&mut store, 1, func.clone()).unwrap();
    let found = table.get(&mut store, 1).unwrap().unwrap();
    let found = found.as_func().unwrap().unwrap().typed::<(), i32>(&store).unwrap();
    assert_eq!(found.call(&mut store, ()).unwrap(), 7);
    assert_eq!(table.grow(&mut store, 3, func.clone()).unwrap(), 2);
    assert_eq!(table.grow(&mut store, 1, func.clone()).unwrap_err().kind(), ErrorKind::Other);
    assert_eq!(table.grow(&mut store, u64::MAX, func.clone()).unwrap_err().kind(), ErrorKind::Other);
    assert_eq!(table.size(&store).unwrap(), 5);
    table.fill(&mut store, 2, Ref::Func(None), 3).unwrap();
    Table::copy(&mut store, &table, 3, &table, 0, 2).unwrap();
    let nulls: Vec<_> = (0..5).map(|index| table.get(&mut store, index).unwrap().unwrap().is_null()).collect();
    assert_eq!(nulls, [true, false, true, true, false]);
}

#[test]
fn misuse_is_an_error() {
    let engine = engine::<V>();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let ty = TableType::new(RefType::FUNCREF, 2, None);
    let table = Table::<V>::new(&mut store, ty.clone(), Ref::Func(None)).unwrap();
    let func = seven(&mut other);
    for error in [
        table.set(&mut store, 2, Ref::Func(None)).err(),
        table.set(&mut store, 1 << 40, Ref::Func(None)).err(),
        table.fill(&mut store, 1, Ref::Func(None), 2).err(),
        table.fill(&mut store, u64::MAX, Ref::Func(None), u64::MAX).err(),
        Table::copy(&mut store, &table, 1, &table, 0, 2).err(),
    ] {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::OutOfBounds, "{error}");
    }
    for error in [
        // What belongs to another store.
        table.set(&mut store, 0, func.clone()).err(),
        table.set(&mut other, 0, func.clone()).err(),
        table.get(&mut other, 0).err(),
        table.size(&other).err(),
        table.grow(&mut other, 1, func.clone()).err(),
        Table::new(&mut store, ty, func).err(),
        // What contradicts itself.
        Table::<V>::new(&mut store, TableType::new(RefType::FUNCREF, 2, Some(1)), Ref::Func(None)).err(),
    ] {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
    assert!(table.get(&mut store, 0).unwrap().unwrap().is_null());
}

#[test]
fn limits_count_tables_of_the_host() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    store.set_limits(&StoreLimits::new().table_elements(10));
    let ty = |minimum| TableType::new(RefType::FUNCREF, minimum, None);
    assert_eq!(Table::<V>::new(&mut store, ty(11), Ref::Func(None)).unwrap_err().kind(), ErrorKind::Other);
    let table = Table::<V>::new(&mut store, ty(10), Ref::Func(None)).unwrap();
    assert_eq!(table.grow(&mut store, 1, Ref::Func(None)).unwrap_err().kind(), ErrorKind::Other);
}

#[test]
fn guests_call_what_the_host_puts_into_their_tables() {
    let engine = engine::<V>();
    let guest = r#"(module
        (table (export "table") 1 funcref)
        (func (export "run") (result i32) (call_indirect (result i32) (i32.const 0))))"#;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &wat(guest)).unwrap()).unwrap();
    let table = instance.get_table(&mut store, "table").unwrap();
    let func = seven(&mut store);
    table.set(&mut store, 0, func).unwrap();
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 7);
}

#[test]
fn tables_of_async_engines_grow() {
    let mut store = Store::new(&async_engine::<V>(), ());
    let size = runtime().block_on(async {
        let ty = TableType::new(RefType::FUNCREF, 2, None);
        let table = Table::<V>::new_async(&mut store, ty, Ref::Func(None)).await?;
        table.grow_async(&mut store, 3, Ref::Func(None)).await?;
        table.size(&store)
    });
    assert_eq!(size.unwrap(), 5);
}
