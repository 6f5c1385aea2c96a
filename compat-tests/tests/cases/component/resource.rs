//! Resources: of the host's, and of the guest's, owned and borrowed.

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::component::{
    self, Component, Resource, ResourceAny, ResourceTable, ResourceTableError, ResourceType, Val,
};
use wasmtime_compat::{CoreWasmtime, Engine, Error, ErrorKind, HostFuture, Store, StoreContextMut};

use super::V;

/// What the host keeps behind a resource.
struct Counter {
    number: u32,
}

struct Other;

type Context<'a> = StoreContextMut<'a, V, Log>;

/// The numbers of the counters whose resources guests have dropped.
type Log = Vec<u32>;

/// Uses resources of the host's: makes, borrows, passes on and drops them.
const USER: &str = r#"(component
    (import "demo:host/counters" (instance $host
        (export "counter" (type $counter (sub resource)))
        (export "[constructor]counter" (func (param "n" u32) (result (own $counter))))
        (export "[method]counter.get" (func (param "self" (borrow $counter)) (result u32)))
        (export "take" (func (param "counter" (own $counter)) (result u32)))))
    (alias export $host "counter" (type $counter))
    (core func $new (canon lower (func $host "[constructor]counter")))
    (core func $get (canon lower (func $host "[method]counter.get")))
    (core func $take (canon lower (func $host "take")))
    (core func $drop (canon resource.drop $counter))
    (core module $m
        (import "" "new" (func $new (param i32) (result i32)))
        (import "" "get" (func $get (param i32) (result i32)))
        (import "" "take" (func $take (param i32) (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "run") (param i32) (result i32)
            (local $counter i32)
            (local.set $counter (call $new (local.get 0)))
            (call $get (local.get $counter))
            (call $drop (local.get $counter)))
        (func (export "give") (param i32) (result i32) (call $take (call $new (local.get 0))))
        (func (export "look") (param i32) (result i32)
            (call $get (local.get 0))
            (call $drop (local.get 0)))
        (func (export "pass") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m (with "" (instance
        (export "new" (func $new)) (export "get" (func $get)) (export "take" (func $take)) (export "drop" (func $drop))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run")))
    (func (export "give") (param "n" u32) (result u32) (canon lift (core func $i "give")))
    (func (export "look") (param "counter" (borrow $counter)) (result u32) (canon lift (core func $i "look")))
    (func (export "pass") (param "counter" (own $counter)) (result (own $counter)) (canon lift (core func $i "pass"))))"#;

/// The functions of the host's, but for the destructor.
fn define(host: &mut component::LinkerInstance<'_, V, Log>) {
    define_but_take(host);
    host.func_wrap("take", |mut context: Context<'_>, (counter,): (Resource<Counter>,)| {
        assert!(counter.owned());
        Ok((context.resource_table().delete(counter)?.number,))
    })
    .unwrap();
}

fn define_but_take(host: &mut component::LinkerInstance<'_, V, Log>) {
    host.func_wrap("[constructor]counter", |mut context: Context<'_>, (number,): (u32,)| {
        Ok((context.resource_table().push(Counter { number })?,))
    })
    .unwrap();
    host.func_wrap("[method]counter.get", |mut context: Context<'_>, (counter,): (Resource<Counter>,)| {
        assert!(!counter.owned());
        Ok((context.resource_table().get(&counter)?.number,))
    })
    .unwrap();
}

fn link(engine: &Engine<V>) -> component::Linker<V, Log> {
    let mut linker = component::Linker::new(engine);
    let mut host = linker.instance("demo:host/counters").unwrap();
    let dropped = |mut context: Context<'_>, rep: u32| {
        let (log, table) = context.data_and_resource_table();
        log.push(table.delete(Resource::<Counter>::new_own(rep))?.number);
        Ok(())
    };
    host.resource("counter", ResourceType::host::<Counter>(), dropped).unwrap();
    define(&mut host);
    linker
}

fn user(engine: &Engine<V>) -> (Store<V, Log>, component::Instance<V>) {
    let mut store = Store::new(engine, Log::new());
    let instance = link(engine).instantiate(&mut store, &Component::new(engine, wat(USER)).unwrap()).unwrap();
    (store, instance)
}

fn table(store: &mut Store<V, Log>) -> &mut ResourceTable {
    store.resource_table()
}

#[test]
fn host_resources_in_a_guest() {
    let (mut store, instance) = user(&engine::<V>());
    let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run").unwrap();
    let give = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "give").unwrap();
    for number in 0..3 {
        assert_eq!(run.call(&mut store, (number,)).unwrap(), (number,));
        assert_eq!(give.call(&mut store, (10 + number,)).unwrap(), (10 + number,));
    }
    // What was given away is not dropped by the guest.
    assert_eq!(store.data(), &[0, 1, 2]);
    assert!(table(&mut store).is_empty());
}

#[test]
fn host_resources_passed_by_the_host() {
    let (mut store, instance) = user(&engine::<V>());
    let look = instance.get_typed_func::<(&Resource<Counter>,), (u32,)>(&mut store, "look").unwrap();
    let pass = instance.get_typed_func::<(Resource<Counter>,), (Resource<Counter>,)>(&mut store, "pass").unwrap();

    let counter = table(&mut store).push(Counter { number: 5 }).unwrap();
    // A borrow, of what is owned and of what is borrowed, as often as wanted.
    for _ in 0..3 {
        assert_eq!(look.call(&mut store, (&counter,)).unwrap(), (5,));
        assert_eq!(look.call(&mut store, (&Resource::new_borrow(counter.rep()),)).unwrap(), (5,));
    }
    let rep = counter.rep();
    let (counter,) = pass.call(&mut store, (counter,)).unwrap();
    assert_eq!((counter.rep(), counter.owned()), (rep, true));
    assert_eq!(table(&mut store).delete(counter).unwrap().number, 5);
    assert!(table(&mut store).is_empty() && store.data().is_empty());
}

#[test]
fn misused_host_resources() {
    let engine = engine::<V>();
    type Misuse<'a> = &'a dyn Fn(&mut Store<V, Log>, component::Instance<V>) -> Result<(), Error>;
    let misused = |expected: &str, call: Misuse<'_>| {
        let (mut store, instance) = user(&engine);
        let error = call(&mut store, instance).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
        assert!(error.message().contains(expected), "{error}");
    };
    misused("borrowed", &|store, instance| {
        let pass = instance.get_typed_func::<(Resource<Counter>,), (Resource<Counter>,)>(&mut *store, "pass")?;
        pass.call(store, (Resource::new_borrow(1),)).map(drop)
    });
    misused("passed on", &|store, instance| {
        let pass = instance.get_typed_func::<(&Resource<Counter>,), (Resource<Counter>,)>(&mut *store, "pass")?;
        let counter = Resource::new_own(1);
        pass.call(&mut *store, (&counter,))?;
        pass.call(store, (&counter,)).map(drop)
    });
    let (mut store, instance) = user(&engine);
    let wrong = instance.get_typed_func::<(Resource<Other>,), (u32,)>(&mut store, "look").err().unwrap();
    assert_eq!(wrong.kind(), ErrorKind::TypeMismatch, "{wrong:?}");
}

/// The host's resource through a handle of any type.
#[test]
fn host_resources_of_any_type() {
    let (mut store, instance) = user(&engine::<V>());
    let counter = table(&mut store).push(Counter { number: 8 }).unwrap();
    let pass = instance.get_typed_func::<(Resource<Counter>,), (ResourceAny,)>(&mut store, "pass").unwrap();
    let (any,) = pass.call(&mut store, (counter,)).unwrap();
    assert!(any.owned());
    assert_eq!(any.ty(), ResourceType::host::<Counter>());
    assert_ne!(any.ty(), ResourceType::host::<Other>());
    let wrong = any.try_into_resource::<Other, V>(&mut store).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::TypeMismatch, "{wrong:?}");

    // As a value, borrowed and then owned.
    let mut results = [Val::Bool(false)];
    let look = instance.get_func(&mut store, "look").unwrap();
    look.call(&mut store, &[Val::Resource(any)], &mut results).unwrap();
    assert_eq!(results, [Val::U32(8)]);
    let pass = instance.get_func(&mut store, "pass").unwrap();
    pass.call(&mut store, &[Val::Resource(any)], &mut results).unwrap();
    let [Val::Resource(any)] = results else { panic!("{results:?}") };

    let counter: Resource<Counter> = any.try_into_resource(&mut store).unwrap();
    assert!(counter.owned());
    assert_eq!(table(&mut store).delete(counter).unwrap().number, 8);
    let again = any.try_into_resource::<Counter, V>(&mut store).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::InvalidArgument, "{again:?}");

    // Given back, a handle runs the destructor.
    let counter = table(&mut store).push(Counter { number: 9 }).unwrap();
    let pass = instance.get_typed_func::<(Resource<Counter>,), (ResourceAny,)>(&mut store, "pass").unwrap();
    let (any,) = pass.call(&mut store, (counter,)).unwrap();
    any.resource_drop(&mut store).unwrap();
    assert_eq!(store.data(), &[9]);
    assert!(table(&mut store).is_empty());
}

#[test]
fn handles_made_by_the_host() {
    let (mut store, instance) = user(&engine::<V>());
    let counter = table(&mut store).push(Counter { number: 3 }).unwrap();
    let made = counter.try_into_resource_any(&mut store);
    if V::MAJOR < 20 {
        let unsupported = made.unwrap_err();
        assert_eq!(unsupported.unsupported().and_then(|unsupported| unsupported.since), Some(20), "{unsupported:?}");
        return;
    }
    let any = made.unwrap();
    assert!(any.owned() && any.ty() == ResourceType::host::<Counter>());
    let look = instance.get_typed_func::<(ResourceAny,), (u32,)>(&mut store, "look").unwrap();
    assert_eq!(look.call(&mut store, (any,)).unwrap(), (3,));
    let counter = any.try_into_resource::<Counter, V>(&mut store).unwrap();
    assert_eq!(table(&mut store).delete(counter).unwrap().number, 3);

    let borrowed = Resource::<Counter>::new_borrow(1).try_into_resource_any(&mut store).unwrap_err();
    assert_eq!(borrowed.kind(), ErrorKind::InvalidArgument, "{borrowed:?}");
}

/// Defines a resource of its own, whose destructor counts.
const OWNER: &str = r#"(component
    (core module $counting
        (global $dropped (mut i32) (i32.const 0))
        (func (export "drop") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
        (func (export "dropped") (result i32) (global.get $dropped))
        (func (export "same") (param i32) (result i32) (local.get 0)))
    (core instance $counting (instantiate $counting))
    (alias core export $counting "drop" (core func $drop))
    (type $inner (resource (rep i32) (dtor (core func $drop))))
    (core func $new (canon resource.new $inner))
    (core func $rep (canon resource.rep $inner))
    (core func $release (canon resource.drop $inner))
    (export $thing "thing" (type $inner))
    (core module $m
        (import "" "rep" (func $rep (param i32) (result i32)))
        (import "" "release" (func $release (param i32)))
        (func (export "take") (param i32) (result i32)
            (call $rep (local.get 0))
            (call $release (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance (export "rep" (func $rep)) (export "release" (func $release))))))
    (func (export "make") (param "n" u32) (result (own $thing)) (canon lift (core func $new)))
    (func (export "see") (param "thing" (borrow $thing)) (result u32) (canon lift (core func $counting "same")))
    (func (export "take") (param "thing" (own $thing)) (result u32) (canon lift (core func $i "take")))
    (func (export "dropped") (result u32) (canon lift (core func $counting "dropped"))))"#;

#[test]
fn guest_resources() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let linker = component::Linker::new(&engine);
    let instance = linker.instantiate(&mut store, &Component::new(&engine, wat(OWNER)).unwrap()).unwrap();
    let make = instance.get_typed_func::<(u32,), (ResourceAny,)>(&mut store, "make").unwrap();
    let see = instance.get_typed_func::<(ResourceAny,), (u32,)>(&mut store, "see").unwrap();
    let take = instance.get_typed_func::<(ResourceAny,), (u32,)>(&mut store, "take").unwrap();
    let dropped = instance.get_typed_func::<(), (u32,)>(&mut store, "dropped").unwrap();

    let (thing,) = make.call(&mut store, (4,)).unwrap();
    assert!(thing.owned());
    assert_eq!(Some(thing.ty()), instance.get_resource(&mut store, "thing"));
    assert_ne!(thing.ty(), ResourceType::host::<Counter>());
    assert_eq!(see.call(&mut store, (thing,)).unwrap(), (4,));
    assert_eq!(dropped.call(&mut store, ()).unwrap(), (0,));
    thing.resource_drop(&mut store).unwrap();
    assert_eq!(dropped.call(&mut store, ()).unwrap(), (4,));
    let again = thing.resource_drop(&mut store).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::InvalidArgument, "{again:?}");

    // The guest takes one, and drops it.
    let (thing,) = make.call(&mut store, (10,)).unwrap();
    assert_eq!(take.call(&mut store, (thing,)).unwrap(), (10,));
    assert_eq!(dropped.call(&mut store, ()).unwrap(), (14,));

    // The same with values.
    let mut results = [Val::Bool(false)];
    instance.get_func(&mut store, "make").unwrap().call(&mut store, &[Val::U32(7)], &mut results).unwrap();
    let [Val::Resource(thing)] = results else { panic!("{results:?}") };
    instance.get_func(&mut store, "see").unwrap().call(&mut store, &[Val::Resource(thing)], &mut results).unwrap();
    assert_eq!(results, [Val::U32(7)]);
    thing.resource_drop(&mut store).unwrap();
    assert_eq!(dropped.call(&mut store, ()).unwrap(), (21,));
}

/// A handle of one store is not one of another, also where that has a handle of the same number.
#[test]
fn handles_of_another_store() {
    let engine = engine::<V>();
    let component = Component::new(&engine, wat(OWNER)).unwrap();
    let linker = component::Linker::new(&engine);
    let make = |store: &mut Store<V, ()>, instance: &component::Instance<V>, number| {
        let make = instance.get_typed_func::<(u32,), (ResourceAny,)>(&mut *store, "make").unwrap();
        make.call(store, (number,)).unwrap().0
    };
    let refused = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
        assert!(error.message().contains("the resource belongs to another store"), "{error}");
    };
    // The other store has none, or one of the same number.
    for has_one in [false, true] {
        let (mut ours, mut others) = (Store::new(&engine, ()), Store::new(&engine, ()));
        let instance = linker.instantiate(&mut ours, &component).unwrap();
        let elsewhere = linker.instantiate(&mut others, &component).unwrap();
        let thing = make(&mut ours, &instance, 1);
        if has_one {
            assert_ne!(make(&mut others, &elsewhere, 2), thing);
        }
        let take = elsewhere.get_func(&mut others, "take").unwrap();
        refused(take.call(&mut others, &[Val::Resource(thing)], &mut [Val::U32(0)]).unwrap_err());
        refused(thing.resource_drop(&mut others).unwrap_err());
        refused(thing.try_into_resource::<Counter, V>(&mut others).unwrap_err());
        // Nothing has happened in that store.
        let dropped = elsewhere.get_typed_func::<(), (u32,)>(&mut others, "dropped").unwrap();
        assert_eq!(dropped.call(&mut others, ()).unwrap(), (0,));
        let see = elsewhere.get_typed_func::<(ResourceAny,), (u32,)>(&mut others, "see").unwrap();
        refused(see.call(&mut others, (thing,)).unwrap_err());
        // It still is one of its own store.
        let see = instance.get_typed_func::<(ResourceAny,), (u32,)>(&mut ours, "see").unwrap();
        assert_eq!(see.call(&mut ours, (thing,)).unwrap(), (1,));
        thing.resource_drop(&mut ours).unwrap();
    }
}

/// Handles that host functions take, keep and return belong to the store of their guest, also when a host function calls into
/// another store.
#[test]
fn handles_in_host_functions() {
    let engine = engine::<V>();
    let (mut other, elsewhere) = user(&engine);
    let counter = table(&mut other).push(Counter { number: 1 }).unwrap();
    let pass = elsewhere.get_typed_func::<(Resource<Counter>,), (ResourceAny,)>(&mut other, "pass").unwrap();
    let (foreign,) = pass.call(&mut other, (counter,)).unwrap();
    let look = elsewhere.get_func(&mut other, "look").unwrap();
    let other = std::sync::Mutex::new(other);

    let mut linker = component::Linker::new(&engine);
    let mut host = linker.instance("demo:host/counters").unwrap();
    host.resource("counter", ResourceType::host::<Counter>(), |_: Context<'_>, _| Ok(())).unwrap();
    define_but_take(&mut host);
    host.func_wrap("take", move |mut context: Context<'_>, (any,): (ResourceAny,)| {
        let mut other = other.lock().unwrap();
        let mut results = [Val::Bool(false)];
        look.call(&mut *other, &[Val::Resource(foreign)], &mut results)?;
        assert_eq!(results, [Val::U32(1)]);
        let refused = look.call(&mut *other, &[Val::Resource(any)], &mut results).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
        assert_eq!(foreign.resource_drop(&mut context).unwrap_err().kind(), ErrorKind::InvalidArgument);
        let counter = any.try_into_resource::<Counter, V>(&mut context)?;
        Ok((context.resource_table().delete(counter)?.number,))
    })
    .unwrap();
    let mut store = Store::new(&engine, Log::new());
    let instance = linker.instantiate(&mut store, &Component::new(&engine, wat(USER)).unwrap()).unwrap();
    let give = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "give").unwrap();
    for number in 5..8 {
        assert_eq!(give.call(&mut store, (number,)).unwrap(), (number,));
    }
}

#[test]
fn resources_on_an_async_engine() {
    let engine = async_engine::<V>();
    let component = Component::new(&engine, wat(OWNER)).unwrap();
    let mut store = Store::new(&engine, ());
    runtime().block_on(async {
        let instance = component::Linker::new(&engine).instantiate_async(&mut store, &component).await.unwrap();
        let make = instance.get_typed_func::<(u32,), (ResourceAny,)>(&mut store, "make").unwrap();
        let dropped = instance.get_typed_func::<(), (u32,)>(&mut store, "dropped").unwrap();
        let (thing,) = make.call_async(&mut store, (4,)).await.unwrap();
        let refused = thing.resource_drop(&mut store).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::SyncAsyncMismatch, "{refused:?}");
        let mut other = Store::new(&engine, ());
        let refused = thing.resource_drop_async(&mut other).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument, "{refused:?}");
        let elsewhere = component::Linker::new(&engine).instantiate_async(&mut other, &component).await.unwrap();
        let see = elsewhere.get_typed_func::<(ResourceAny,), (u32,)>(&mut other, "see").unwrap();
        let refused = see.call_async(&mut other, (thing,)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument, "{refused:?}");
        thing.resource_drop_async(&mut store).await.unwrap();
        assert_eq!(dropped.call_async(&mut store, ()).await.unwrap(), (4,));
    });
}

/// A dynamic function beside a resource and typed functions in one interface.
#[test]
fn dynamic_functions_on_resources() {
    let engine = engine::<V>();
    let mut linker = component::Linker::new(&engine);
    let mut host = linker.instance("demo:host/counters").unwrap();
    host.resource("counter", ResourceType::host::<Counter>(), |_: Context<'_>, _| Ok(())).unwrap();
    define_but_take(&mut host);
    let take = |mut context: Context<'_>, ty: component::types::ComponentFunc, params: &[Val], results: &mut [Val]| {
        let counter = component::types::Type::Own(ResourceType::host::<Counter>());
        assert_eq!(ty.params().map(|(_, ty)| ty).collect::<Vec<_>>(), [counter]);
        let Val::Resource(any) = params[0] else { panic!("{params:?}") };
        let counter = any.try_into_resource::<Counter, V>(&mut context)?;
        results[0] = Val::U32(context.resource_table().delete(counter)?.number);
        Ok(())
    };
    host.func_new("take", take).unwrap();
    let mut store = Store::new(&engine, Log::new());
    let component = Component::new(&engine, wat(USER)).unwrap();
    // Once more: each is linked anew.
    for number in 0..2 {
        let instance = linker.instantiate(&mut store, &component).unwrap();
        let give = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "give").unwrap();
        assert_eq!(give.call(&mut store, (number,)).unwrap(), (number,));
    }
    assert!(table(&mut store).is_empty());
}

fn dropped_later(mut context: Context<'_>, rep: u32) -> HostFuture<'_, ()> {
    Box::new(async move {
        tokio::task::yield_now().await;
        let (log, table) = context.data_and_resource_table();
        log.push(table.delete(Resource::<Counter>::new_own(rep))?.number);
        Ok(())
    })
}

/// As [`dropped_later`], without waiting.
fn dropped_now(mut context: Context<'_>, rep: u32) -> HostFuture<'_, ()> {
    Box::new(async move {
        let (log, table) = context.data_and_resource_table();
        log.push(table.delete(Resource::<Counter>::new_own(rep))?.number);
        Ok(())
    })
}

#[test]
fn asynchronous_destructors() {
    let engine = async_engine::<V>();
    for waits in [false, true] {
        let mut linker = component::Linker::new(&engine);
        let mut host = linker.instance("demo:host/counters").unwrap();
        let ty = ResourceType::host::<Counter>();
        host.resource_async("counter", ty, if waits { dropped_later } else { dropped_now }).unwrap();
        define(&mut host);
        let component = Component::new(&engine, wat(USER)).unwrap();
        let mut store = Store::new(&engine, Log::new());
        let result = runtime().block_on(async {
            let instance = linker.instantiate_async(&mut store, &component).await.unwrap();
            let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run").unwrap();
            run.call_async(&mut store, (6,)).await
        });
        if waits && V::MAJOR < 25 {
            let error = result.unwrap_err();
            let unsupported = error.unsupported();
            assert_eq!(unsupported.and_then(|unsupported| unsupported.since), Some(25), "{error:?}");
            continue;
        }
        assert_eq!(result.unwrap(), (6,));
        assert_eq!(store.data(), &[6]);
        assert!(table(&mut store).is_empty());
    }
}

#[test]
fn the_table_of_resources() {
    let mut table = ResourceTable::new();
    let parent = table.push("parent".to_owned()).unwrap();
    let child = table.push_child(7_u64, &parent).unwrap();
    assert_eq!(table.iter_children(&parent).unwrap().count(), 1);
    assert_eq!(table.delete(Resource::<String>::new_own(parent.rep())), Err(ResourceTableError::HasChildren));
    assert_eq!(table.get(&Resource::<u8>::new_borrow(child.rep())), Err(ResourceTableError::WrongType));
    assert_eq!(table.delete(Resource::<u8>::new_own(child.rep())), Err(ResourceTableError::WrongType));
    assert_eq!(table.delete(child), Ok(7));
    assert_eq!(table.get(&Resource::<u8>::new_borrow(99)), Err(ResourceTableError::NotPresent));
    table.set_max_capacity(1);
    assert_eq!(table.push(1_u8).err(), Some(ResourceTableError::Full));
    assert_eq!(table.delete(parent).as_deref(), Ok("parent"));
    // A free number is used again.
    assert_eq!(table.push(1_u8).unwrap().rep(), 0);
    assert!(!table.is_empty());
}
