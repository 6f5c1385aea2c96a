//! Resources of the host whose type is a number.

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::component::types::{ComponentFunc, Type};
use wasmtime_compat::component::{self, Component, Resource, ResourceAny, ResourceDynamic, ResourceType, Val};
use wasmtime_compat::{CoreWasmtime, Engine, ErrorKind, HostFuture, Result, Store, StoreContextMut};

use super::V;

/// The numbers of the resources whose destructors ran, each with that of its type.
type Log = Vec<(u32, u32)>;

type Context<'a> = StoreContextMut<'a, V, Log>;

const CAT: u32 = 7;
const DOG: u32 = 8;

/// Uses two types of resources, which have the same functions.
const USER: &str = r#"(component
    (import "demo:host/animals" (instance $host
        (export "cat" (type $cat (sub resource)))
        (export "dog" (type $dog (sub resource)))
        (export "[constructor]cat" (func (param "n" u32) (result (own $cat))))
        (export "[method]cat.age" (func (param "self" (borrow $cat)) (result u32)))
        (export "give-away" (func (param "cat" (own $cat)) (result u32)))
        (export "[constructor]dog" (func (param "n" u32) (result (own $dog))))))
    (alias export $host "cat" (type $cat))
    (alias export $host "dog" (type $dog))
    (core func $new (canon lower (func $host "[constructor]cat")))
    (core func $age (canon lower (func $host "[method]cat.age")))
    (core func $give (canon lower (func $host "give-away")))
    (core func $drop (canon resource.drop $cat))
    (core func $new_dog (canon lower (func $host "[constructor]dog")))
    (core func $drop_dog (canon resource.drop $dog))
    (core module $m
        (import "" "new" (func $new (param i32) (result i32)))
        (import "" "age" (func $age (param i32) (result i32)))
        (import "" "give" (func $give (param i32) (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (import "" "new-dog" (func $new_dog (param i32) (result i32)))
        (import "" "drop-dog" (func $drop_dog (param i32)))
        (func (export "run") (param i32) (result i32)
            (local $cat i32)
            (local.set $cat (call $new (local.get 0)))
            (call $drop_dog (call $new_dog (i32.const 1)))
            (call $age (local.get $cat))
            (call $drop (local.get $cat)))
        (func (export "give") (param i32) (result i32) (call $give (call $new (local.get 0))))
        (func (export "look") (param i32) (result i32)
            (call $age (local.get 0))
            (call $drop (local.get 0)))
        (func (export "pass") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m (with "" (instance
        (export "new" (func $new)) (export "age" (func $age)) (export "give" (func $give)) (export "drop" (func $drop))
        (export "new-dog" (func $new_dog)) (export "drop-dog" (func $drop_dog))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run")))
    (func (export "give") (param "n" u32) (result u32) (canon lift (core func $i "give")))
    (func (export "look") (param "cat" (borrow $cat)) (result u32) (canon lift (core func $i "look")))
    (func (export "pass") (param "cat" (own $cat)) (result (own $cat)) (canon lift (core func $i "pass")))
    (func (export "pass-dog") (param "dog" (own $dog)) (result (own $dog)) (canon lift (core func $i "pass"))))"#;

/// Takes and returns a resource of its own.
const OWNER: &str = r#"(component
    (type $inner (resource (rep i32)))
    (core func $new (canon resource.new $inner))
    (export $thing "thing" (type $inner))
    (func (export "make") (param "n" u32) (result (own $thing)) (canon lift (core func $new))))"#;

/// The functions of the host's, but for the destructors and the one that is dynamic.
fn define(host: &mut component::LinkerInstance<'_, V, Log>) {
    define_but_new(host);
    host.func_wrap("[constructor]cat", |_: Context<'_>, (number,): (u32,)| {
        Ok((ResourceDynamic::new_own(number, CAT),))
    })
    .unwrap();
}

fn define_but_new(host: &mut component::LinkerInstance<'_, V, Log>) {
    host.func_wrap("[constructor]dog", |_: Context<'_>, (number,): (u32,)| {
        Ok((ResourceDynamic::new_own(number, DOG),))
    })
    .unwrap();
    host.func_wrap("[method]cat.age", |_: Context<'_>, (cat,): (ResourceDynamic,)| {
        assert_eq!((cat.ty(), cat.owned()), (CAT, false));
        Ok((cat.rep(),))
    })
    .unwrap();
}

fn define_types(host: &mut component::LinkerInstance<'_, V, Log>) -> Result<()> {
    for (name, ty) in [("cat", CAT), ("dog", DOG)] {
        host.resource(name, ResourceType::host_dynamic(ty), move |mut context: Context<'_>, rep| {
            context.data_mut().push((rep, ty));
            Ok(())
        })?;
    }
    Ok(())
}

fn user(engine: &Engine<V>) -> (Store<V, Log>, component::Instance<V>) {
    let mut linker = component::Linker::new(engine);
    let mut host = linker.instance("demo:host/animals").unwrap();
    define_types(&mut host).unwrap();
    define(&mut host);
    host.func_wrap("give-away", |_: Context<'_>, (cat,): (ResourceDynamic,)| {
        assert_eq!((cat.ty(), cat.owned()), (CAT, true));
        Ok((cat.rep(),))
    })
    .unwrap();
    let mut store = Store::new(engine, Log::new());
    let instance = linker.instantiate(&mut store, &Component::new(engine, wat(USER)).unwrap()).unwrap();
    (store, instance)
}

/// Whether the major has no such types, which then is reported.
fn is_missing() -> bool {
    let is_missing = V::MAJOR < 39;
    if is_missing {
        compat_tests::not_applicable("resource types that are numbers");
    }
    is_missing
}

#[test]
fn types_of_numbers_are_reported_where_they_are_missing() {
    let engine = engine::<V>();
    let mut linker = component::Linker::new(&engine);
    let added = define_types(&mut linker.instance("demo:host/animals").unwrap());
    let mut store = Store::new(&engine, Log::new());
    let owner = Component::new(&engine, wat(OWNER)).unwrap();
    let instance = component::Linker::new(&engine).instantiate(&mut store, &owner).unwrap();
    let make = instance.get_typed_func::<(u32,), (ResourceAny,)>(&mut store, "make").unwrap();
    let (thing,) = make.call(&mut store, (1,)).unwrap();
    let results = [
        added,
        instance.get_typed_func::<(u32,), (ResourceDynamic,)>(&mut store, "make").map(drop),
        thing.try_into_resource_dynamic(&mut store).map(drop),
        ResourceDynamic::new_own(1, CAT).try_into_resource_any(&mut store).map(drop),
    ];
    if V::MAJOR < 39 {
        for result in results {
            let error = result.unwrap_err();
            let since = error.unsupported().and_then(|unsupported| unsupported.since);
            assert_eq!((error.kind(), since), (ErrorKind::Unsupported, Some(39)), "{error:?}");
        }
        return;
    }
    let [added, typed, converted, made] = results;
    added.unwrap();
    made.unwrap();
    // The resource is one of the guest's.
    assert_eq!(typed.unwrap_err().kind(), ErrorKind::TypeMismatch);
    assert_eq!(converted.unwrap_err().kind(), ErrorKind::TypeMismatch);
    // The handle still is good.
    thing.resource_drop(&mut store).unwrap();
}

#[test]
fn resource_types_of_numbers_are_compared() {
    let types = [
        ResourceType::host_dynamic(CAT),
        ResourceType::host_dynamic(DOG),
        ResourceType::host::<u32>(),
        ResourceType::host::<ResourceDynamic>(),
    ];
    for (index, one) in types.iter().enumerate() {
        for (other_index, other) in types.iter().enumerate() {
            assert_eq!(one == other, index == other_index, "{one:?} {other:?}");
        }
    }
}

#[test]
fn dynamic_resources_in_a_guest() {
    if is_missing() {
        return;
    }
    let (mut store, instance) = user(&engine::<V>());
    let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run").unwrap();
    let give = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "give").unwrap();
    for number in 3..5 {
        assert_eq!(run.call(&mut store, (number,)).unwrap(), (number,));
        assert_eq!(give.call(&mut store, (10 + number,)).unwrap(), (10 + number,));
    }
    // What was given away is not dropped by the guest.
    assert_eq!(store.data(), &[(1, DOG), (3, CAT), (1, DOG), (4, CAT)]);
}

#[test]
fn dynamic_resources_passed_by_the_host() {
    if is_missing() {
        return;
    }
    let (mut store, instance) = user(&engine::<V>());
    let look = instance.get_typed_func::<(&ResourceDynamic,), (u32,)>(&mut store, "look").unwrap();
    let pass = instance.get_typed_func::<(&ResourceDynamic,), (ResourceDynamic,)>(&mut store, "pass").unwrap();
    let cat = ResourceDynamic::new_own(5, CAT);
    for _ in 0..3 {
        assert_eq!(look.call(&mut store, (&cat,)).unwrap(), (5,));
        assert_eq!(look.call(&mut store, (&ResourceDynamic::new_borrow(5, CAT),)).unwrap(), (5,));
    }
    let (passed,) = pass.call(&mut store, (&cat,)).unwrap();
    assert_eq!((passed.rep(), passed.ty(), passed.owned()), (5, CAT, true));

    // What has been passed on, or is borrowed, is not passed as owned. Each has a new instance, because some majors end the
    // instance of a call that failed.
    for refused in [cat, ResourceDynamic::new_borrow(5, CAT)] {
        let (mut store, instance) = user(&engine::<V>());
        let pass = instance.get_typed_func::<(&ResourceDynamic,), (ResourceDynamic,)>(&mut store, "pass").unwrap();
        let error = pass.call(&mut store, (&refused,)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    }
}

#[test]
fn dynamic_resources_of_another_type_are_refused() {
    if is_missing() {
        return;
    }
    let (mut store, instance) = user(&engine::<V>());
    let dog = ResourceDynamic::new_own(5, DOG);
    let pass = instance.get_typed_func::<(&ResourceDynamic,), (ResourceDynamic,)>(&mut store, "pass").unwrap();
    let error = pass.call(&mut store, (&dog,)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TypeMismatch, "{error:?}");
    assert!(error.message().contains("number 8"), "{error}");
    // The dog was not passed on; a new instance takes it, because some majors end the instance of a call that failed.
    let (mut store, instance) = user(&engine::<V>());
    let pass = instance.get_typed_func::<(&ResourceDynamic,), (ResourceDynamic,)>(&mut store, "pass-dog").unwrap();
    let (passed,) = pass.call(&mut store, (&dog,)).unwrap();
    assert_eq!((passed.rep(), passed.ty()), (5, DOG));

    // A resource with a Rust type does not fit a type that is a number.
    let typed = instance.get_typed_func::<(Resource<u32>,), (ResourceAny,)>(&mut store, "pass");
    assert_eq!(typed.map(drop).unwrap_err().kind(), ErrorKind::TypeMismatch);
}

#[test]
fn dynamic_resources_as_values() {
    if is_missing() {
        return;
    }
    let (mut store, instance) = user(&engine::<V>());
    let pass = instance.get_func(&mut store, "pass").unwrap();
    let look = instance.get_func(&mut store, "look").unwrap();
    let ty = ResourceType::host_dynamic(CAT);
    assert_eq!(pass.ty(&store).unwrap().results().collect::<Vec<_>>(), [Type::Own(ty)]);
    assert_eq!(look.ty(&store).unwrap().params().map(|(_, ty)| ty).collect::<Vec<_>>(), [Type::Borrow(ty)]);

    let any = ResourceDynamic::new_own(6, CAT).try_into_resource_any(&mut store).unwrap();
    assert!(any.owned() && any.ty() == ty && any.ty() != ResourceType::host_dynamic(DOG));
    let mut results = [Val::Bool(false)];
    look.call(&mut store, &[Val::Resource(any)], &mut results).unwrap();
    assert_eq!(results, [Val::U32(6)]);
    pass.call(&mut store, &[Val::Resource(any)], &mut results).unwrap();
    let [Val::Resource(any)] = results else { panic!("{results:?}") };
    assert_eq!(any.ty(), ty);

    let wrong = any.try_into_resource::<u32, V>(&mut store).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::TypeMismatch, "{wrong:?}");
    let (mut other, elsewhere) = user(&engine::<V>());
    let foreign = any.try_into_resource_dynamic(&mut other).unwrap_err();
    assert_eq!(foreign.kind(), ErrorKind::InvalidArgument, "{foreign:?}");
    let foreign = elsewhere.get_func(&mut other, "pass").unwrap();
    let foreign = foreign.call(&mut other, &[Val::Resource(any)], &mut [Val::Bool(false)]).unwrap_err();
    assert_eq!(foreign.kind(), ErrorKind::InvalidArgument, "{foreign:?}");

    let cat = any.try_into_resource_dynamic(&mut store).unwrap();
    assert_eq!((cat.rep(), cat.ty(), cat.owned()), (6, CAT, true));
    let again = ResourceDynamic::try_from_resource_any(any, &mut store).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::InvalidArgument, "{again:?}");
    let borrowed = ResourceDynamic::new_borrow(1, CAT).try_into_resource_any(&mut store).unwrap_err();
    assert_eq!(borrowed.kind(), ErrorKind::InvalidArgument, "{borrowed:?}");

    // A handle from a guest runs the destructor.
    let pass = instance.get_typed_func::<(ResourceDynamic,), (ResourceAny,)>(&mut store, "pass").unwrap();
    let (any,) = pass.call(&mut store, (ResourceDynamic::new_own(9, CAT),)).unwrap();
    any.resource_drop(&mut store).unwrap();
    assert_eq!(store.data(), &[(9, CAT)]);
}

/// A dynamic function beside types that are numbers, in one interface.
#[test]
fn dynamic_functions_on_dynamic_resources() {
    if is_missing() {
        return;
    }
    let engine = engine::<V>();
    let mut linker = component::Linker::new(&engine);
    let mut host = linker.instance("demo:host/animals").unwrap();
    define_types(&mut host).unwrap();
    define_but_new(&mut host);
    let new = |mut context: Context<'_>, _: ComponentFunc, params: &[Val], results: &mut [Val]| {
        let Val::U32(number) = params[0] else { panic!("{params:?}") };
        results[0] = Val::Resource(ResourceDynamic::new_own(number, CAT).try_into_resource_any(&mut context)?);
        Ok(())
    };
    host.func_new("[constructor]cat", new).unwrap();
    let give = |mut context: Context<'_>, ty: ComponentFunc, params: &[Val], results: &mut [Val]| {
        assert_eq!(ty.params().next().map(|(_, ty)| ty), Some(Type::Own(ResourceType::host_dynamic(CAT))));
        let [Val::Resource(any)] = *params else { panic!("{params:?}") };
        results[0] = Val::U32(any.try_into_resource_dynamic(&mut context)?.rep());
        Ok(())
    };
    host.func_new("give-away", give).unwrap();
    let mut store = Store::new(&engine, Log::new());
    let instance = linker.instantiate(&mut store, &Component::new(&engine, wat(USER)).unwrap()).unwrap();
    let give = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "give").unwrap();
    assert_eq!(give.call(&mut store, (4,)).unwrap(), (4,));
    assert!(store.data().is_empty());
    let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, (5,)).unwrap(), (5,));
    assert_eq!(store.data(), &[(1, DOG), (5, CAT)]);
}

fn dropped_later(mut context: Context<'_>, rep: u32) -> HostFuture<'_, ()> {
    Box::new(async move {
        tokio::task::yield_now().await;
        context.data_mut().push((rep, 0));
        Ok(())
    })
}

#[test]
fn asynchronous_destructors_of_dynamic_resources() {
    let engine = async_engine::<V>();
    let mut linker = component::Linker::new(&engine);
    let mut host = linker.instance("demo:host/animals").unwrap();
    let added = host.resource_async("cat", ResourceType::host_dynamic(CAT), dropped_later);
    if is_missing() {
        assert_eq!(added.unwrap_err().kind(), ErrorKind::Unsupported);
        return;
    }
    added.unwrap();
    host.resource_async("dog", ResourceType::host_dynamic(DOG), dropped_later).unwrap();
    define(&mut host);
    host.func_wrap("give-away", |_: Context<'_>, (cat,): (ResourceDynamic,)| Ok((cat.rep(),))).unwrap();
    let component = Component::new(&engine, wat(USER)).unwrap();
    let mut store = Store::new(&engine, Log::new());
    let result = runtime().block_on(async {
        let instance = linker.instantiate_async(&mut store, &component).await.unwrap();
        let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run").unwrap();
        run.call_async(&mut store, (6,)).await
    });
    assert_eq!(result.unwrap(), (6,));
    assert_eq!(store.data(), &[(1, 0), (6, 0)]);
}
