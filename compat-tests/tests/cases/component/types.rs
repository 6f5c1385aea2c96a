//! Types of components, of their imports and exports, and of functions.

use compat_tests::{echo, engine, wat};
use wasmtime_compat::component::types::{ComponentItem, Type};
use wasmtime_compat::component::{self, Component, ResourceType};
use wasmtime_compat::{CoreWasmtime, Store, StoreContextMut};

use super::V;

const ALL: &str = r#"
    (type $point' (record (field "x" u32) (field "y" (list f32)))) (import "point" (type $point (eq $point')))
    (type $shape' (variant (case "none") (case "at" $point))) (import "shape" (type $shape (eq $shape')))
    (type $color' (enum "red" "green")) (import "color" (type $color (eq $color')))
    (type $access' (flags "read" "write")) (import "access" (type $access (eq $access')))
    (type $all (tuple bool u8 (option char) (result string (error s64)) $shape $color $access))"#;

/// A component that returns a value of many kinds through a host function.
fn guest() -> Vec<u8> {
    echo(ALL, &["$all"], "$all", "i32 i32 i32 i32 i32 i64 i32 i32 i32 i32 i32 i32 i32", None)
}

#[track_caller]
fn assert_all(ty: &Type) {
    let Type::Tuple(tuple) = ty else { panic!("{ty:?}") };
    let parts: Vec<Type> = tuple.types().collect();
    let [Type::Bool, Type::U8, Type::Option(option), Type::Result(result), Type::Variant(shape), color, access] =
        &parts[..]
    else {
        panic!("{parts:?}")
    };
    assert_eq!(option.ty(), Type::Char);
    assert_eq!((result.ok(), result.err()), (Some(Type::String), Some(Type::S64)));
    let cases: Vec<_> = shape.cases().collect();
    assert_eq!((cases[0].name, &cases[0].ty, cases[1].name), ("none", &None, "at"));
    let Some(Type::Record(point)) = &cases[1].ty else { panic!("{cases:?}") };
    let fields: Vec<_> = point.fields().collect();
    assert_eq!((fields[0].name, &fields[0].ty, fields[1].name), ("x", &Type::U32, "y"));
    let Type::List(list) = &fields[1].ty else { panic!("{fields:?}") };
    assert_eq!(list.ty(), Type::Float32);
    let (Type::Enum(color), Type::Flags(access)) = (color, access) else { panic!("{color:?} {access:?}") };
    assert_eq!(color.names().collect::<Vec<_>>(), ["red", "green"]);
    assert_eq!(access.names().collect::<Vec<_>>(), ["read", "write"]);
}

#[test]
fn types_of_functions() {
    let engine = engine::<V>();
    let mut linker = component::Linker::new(&engine);
    linker.root().func_new("host", |_: StoreContextMut<'_, V, ()>, _, _, _| Ok(())).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &Component::new(&engine, guest()).unwrap()).unwrap();
    let ty = instance.get_func(&mut store, "f").unwrap().ty(&store).unwrap();
    let params: Vec<_> = ty.params().collect();
    let [(name, param)] = &params[..] else { panic!("{params:?}") };
    assert_eq!(*name, if V::MAJOR < 28 { "" } else { "p0" });
    assert_all(param);
    let results: Vec<_> = ty.results().collect();
    assert_eq!(results, std::slice::from_ref(param));
    assert_eq!(ty, ty.clone());
}

#[test]
fn types_of_components() {
    let engine = engine::<V>();
    let component = Component::new(&engine, guest()).unwrap();
    let ty = component.component_type();
    if V::MAJOR < 20 {
        let unsupported = ty.unwrap_err();
        assert_eq!(unsupported.unsupported().and_then(|unsupported| unsupported.since), Some(20), "{unsupported:?}");
        return;
    }
    let ty = ty.unwrap();
    assert!(ty.imports().any(|(name, _)| name == "host"));
    let Some(ComponentItem::ComponentFunc(host)) = ty.get_import("host") else { panic!("{ty:?}") };
    assert_all(&host.params().next().unwrap().1);
    let exports: Vec<_> = ty.exports().collect();
    let [("f", ComponentItem::ComponentFunc(func))] = &exports[..] else { panic!("{exports:?}") };
    assert_eq!(func, host);
    assert!(ty.get_export("g").is_none());
}

#[test]
fn types_of_instances_and_resources() {
    if V::MAJOR < 20 {
        compat_tests::not_applicable("types of components");
        return;
    }
    let engine = engine::<V>();
    let wasm = wat(r#"(component
        (import "demo:host/things" (instance
            (export "thing" (type $thing (sub resource)))
            (export "make" (func (result (own $thing))))
            (export "see" (func (param "thing" (borrow $thing))))))
        (import "module" (core module
            (import "host" "f" (func (param i32)))
            (export "memory" (memory 1)))))"#);
    let ty = Component::new(&engine, wasm).unwrap().component_type().unwrap();
    let Some(ComponentItem::ComponentInstance(things)) = ty.get_import("demo:host/things") else { panic!("{ty:?}") };
    let Some(ComponentItem::Resource(thing)) = things.get_export("thing") else { panic!("{things:?}") };
    let Some(ComponentItem::ComponentFunc(make)) = things.get_export("make") else { panic!("{things:?}") };
    assert_eq!(make.results().collect::<Vec<_>>(), [Type::Own(*thing)]);
    let Some(ComponentItem::ComponentFunc(see)) = things.get_export("see") else { panic!("{things:?}") };
    assert_eq!(see.params().map(|(_, ty)| ty).collect::<Vec<_>>(), [Type::Borrow(*thing)]);
    assert_eq!(see.results().len(), 0);
    assert_ne!(*thing, ResourceType::host::<()>());
    assert!(matches!(ty.get_import("module"), Some(ComponentItem::Module(_))), "{ty:?}");
}
