//! Instances of components: their exports by name, in interfaces and by index, and other stores.

use compat_tests::{engine, wat};
use wasmtime_compat::component::types::ComponentItem;
use wasmtime_compat::component::{self, Component, Func, Val};
use wasmtime_compat::{CoreWasmtime, Engine, ErrorKind, Store};

use super::V;

const GUEST: &str = r#"(component
    (core module $m (func (export "seven") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m))
    (func $seven (result u32) (canon lift (core func $i "seven")))
    (instance $inner (export "seven" (func $seven)))
    (instance $outer (export "inner" (instance $inner)) (export "seven" (func $seven)))
    (export "seven" (func $seven))
    (export "module" (core module $m))
    (export "demo:guest/api" (instance $outer)))"#;

fn instance(engine: &Engine<V>) -> (Component<V>, Store<V, ()>, component::Instance<V>) {
    let component = Component::new(engine, wat(GUEST)).unwrap();
    let mut store = Store::new(engine, ());
    let instance = component::Linker::new(engine).instantiate(&mut store, &component).unwrap();
    (component, store, instance)
}

fn assert_seven(store: &mut Store<V, ()>, func: Option<Func<V>>) {
    let func = func.unwrap();
    let mut results = [Val::Bool(false)];
    func.call(&mut *store, &[], &mut results).unwrap();
    assert_eq!(results, [Val::U32(7)]);
    assert_eq!(func.typed::<(), (u32,)>(&*store).unwrap().call(store, ()).unwrap(), (7,));
}

#[test]
fn exports_by_name_and_index() {
    let (component, mut store, instance) = instance(&engine::<V>());
    let func = instance.get_func(&mut store, "seven");
    assert_seven(&mut store, func);
    let func = instance.get_func(&mut store, ("demo:guest/api", "seven"));
    assert_seven(&mut store, func);
    let api = instance.get_export_index(&mut store, None, "demo:guest/api").unwrap();
    let inner = instance.get_export_index(&mut store, Some(&api), "inner").unwrap();
    let seven = instance.get_export_index(&mut store, Some(&inner), "seven").unwrap();
    let func = instance.get_func(&mut store, &seven);
    assert_seven(&mut store, func);
    // The component has the same places.
    let api = component.get_export_index(None, "demo:guest/api").unwrap();
    let seven = component.get_export_index(Some(&api), "seven").unwrap();
    let func = instance.get_func(&mut store, &seven);
    assert_seven(&mut store, func);
    assert_eq!(component.get_export_index(None, "eight").is_none(), V::MAJOR >= 20);

    assert!(instance.get_func(&mut store, "eight").is_none());
    assert!(instance.get_func(&mut store, "module").is_none());
    assert!(instance.get_func(&mut store, ("demo:guest/other", "seven")).is_none());
    assert!(instance.get_module(&mut store, "module").is_some());
    assert!(instance.get_module(&mut store, "seven").is_none());
    assert!(instance.get_resource(&mut store, "seven").is_none());
    assert!(instance.get_export_index(&mut store, Some(&api), "eight").is_none());
    let wrong = instance.get_typed_func::<(), (u64,)>(&mut store, ("demo:guest/api", "seven")).err().unwrap();
    assert_eq!(wrong.kind(), ErrorKind::TypeMismatch, "{wrong:?}");
    let missing = instance.get_typed_func::<(), ()>(&mut store, ("demo:guest/other", "seven")).err().unwrap();
    assert_eq!(missing.kind(), ErrorKind::Export, "{missing:?}");
    assert!(missing.message().contains("`seven` in `demo:guest/other`"), "{missing}");
}

#[test]
fn types_of_exports() {
    let (_, mut store, instance) = instance(&engine::<V>());
    let found = instance.get_export(&mut store, None, "seven");
    if V::MAJOR < 33 {
        let unsupported = found.unwrap_err();
        assert_eq!(unsupported.unsupported().and_then(|unsupported| unsupported.since), Some(33), "{unsupported:?}");
        return;
    }
    let Some((ComponentItem::ComponentFunc(ty), index)) = found.unwrap() else { panic!("no function") };
    assert_eq!(ty.results().len(), 1);
    let func = instance.get_func(&mut store, &index);
    assert_seven(&mut store, func);
    assert!(instance.get_export(&mut store, None, "eight").unwrap().is_none());
}

#[test]
fn other_stores() {
    let engine = engine::<V>();
    let (_, mut store, instance) = instance(&engine);
    let func = instance.get_func(&mut store, "seven").unwrap();
    let typed = instance.get_typed_func::<(), (u32,)>(&mut store, "seven").unwrap();
    let mut other = Store::new(&engine, ());
    assert!(instance.get_func(&mut other, "seven").is_none());
    let refusals = [
        instance.get_typed_func::<(), (u32,)>(&mut other, "seven").err(),
        func.ty(&other).err(),
        func.typed::<(), (u32,)>(&other).err(),
        func.call(&mut other, &[], &mut [Val::Bool(false)]).err(),
        typed.call(&mut other, ()).err(),
    ];
    for refusal in refusals {
        let refusal = refusal.unwrap();
        assert_eq!(refusal.kind(), ErrorKind::InvalidArgument, "{refusal:?}");
    }
}
