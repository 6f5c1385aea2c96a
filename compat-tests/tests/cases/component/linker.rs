//! Linkers of components: names at the root and in interfaces, what is missing, and what is defined twice.

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::component::{self, Component, Val};
use wasmtime_compat::{CoreWasmtime, ErrorKind, HostFuture, Store, StoreContextMut};

use super::V;

/// Imports a function at the root and one of an interface.
const GUEST: &str = r#"(component
    (import "one" (func $one (param "n" u32) (result u32)))
    (import "demo:host/api" (instance $api (export "two" (func (param "n" u32) (result u32)))))
    (core func $one (canon lower (func $one)))
    (core func $two (canon lower (func $api "two")))
    (core module $m
        (import "" "one" (func $one (param i32) (result i32)))
        (import "" "two" (func $two (param i32) (result i32)))
        (func (export "run") (param i32) (result i32) (call $two (call $one (local.get 0)))))
    (core instance $i (instantiate $m (with "" (instance (export "one" (func $one)) (export "two" (func $two))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))"#;

type Context<'a> = StoreContextMut<'a, V, ()>;

fn add<const N: u32>(_: Context<'_>, (n,): (u32,)) -> anyhow::Result<(u32,)> {
    Ok((n + N,))
}

fn add_later<const N: u32>(_: Context<'_>, (n,): (u32,)) -> HostFuture<'_, (u32,)> {
    Box::new(async move {
        tokio::task::yield_now().await;
        Ok((n + N,))
    })
}

fn run(linker: &component::Linker<V, ()>) -> wasmtime_compat::Result<u32> {
    let mut store = Store::new(linker.engine(), ());
    let component = Component::new(linker.engine(), wat(GUEST))?;
    let instance = linker.instantiate(&mut store, &component)?;
    let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run")?;
    Ok(run.call(&mut store, (1,))?.0)
}

#[test]
fn the_root_and_an_interface() {
    let mut linker = component::Linker::new(&engine::<V>());
    linker.root().func_wrap("one", add::<10>).unwrap();
    linker.instance("demo:host/api").unwrap().func_wrap("two", add::<100>).unwrap();
    assert_eq!(run(&linker).unwrap(), 111);
    // A clone has the same names, and is another linker.
    let mut other = linker.clone();
    other.allow_shadowing(true).root().func_wrap("one", add::<20>).unwrap();
    assert_eq!((run(&linker).unwrap(), run(&other).unwrap()), (111, 121));
}

/// Typed and dynamic functions in one linker, some shadowed.
#[test]
fn dynamic_functions_beside_others() {
    fn dynamic<const N: u32>(
        _: Context<'_>,
        _: component::types::ComponentFunc,
        params: &[Val],
        results: &mut [Val],
    ) -> anyhow::Result<()> {
        let Val::U32(n) = params[0] else { anyhow::bail!("{params:?}") };
        results[0] = Val::U32(n + N);
        Ok(())
    }
    let mut linker = component::Linker::new(&engine::<V>());
    linker.root().func_wrap("one", add::<10>).unwrap();
    let mut api = linker.root().into_instance("demo:host/api").unwrap();
    api.func_new("two", dynamic::<100>).unwrap();
    // No guest imports this.
    api.func_new("three", dynamic::<1>).unwrap();
    let twice = api.func_new("two", dynamic::<300>).unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Link, "{twice:?}");
    assert_eq!(run(&linker).unwrap(), 111);
    linker.allow_shadowing(true);
    linker.instance("demo:host/api").unwrap().func_new("two", dynamic::<200>).unwrap();
    assert_eq!(run(&linker).unwrap(), 211);
}

/// From 19 on an interface is found in a compatible version; a dynamic function gets its type then too.
#[test]
fn a_compatible_version() {
    if V::MAJOR < 20 {
        compat_tests::not_applicable("compatible versions of interfaces, for dynamic functions");
        return;
    }
    let engine = engine::<V>();
    let wasm = wat(&GUEST.replace("demo:host/api", "demo:host/api@1.2.3"));
    let component = Component::new(&engine, wasm).unwrap();
    let mut linker = component::Linker::new(&engine);
    linker.root().func_wrap("one", add::<10>).unwrap();
    let two = |_: Context<'_>, ty: component::types::ComponentFunc, _: &[Val], results: &mut [Val]| {
        results[0] = Val::U32(u32::try_from(ty.params().len())?);
        Ok(())
    };
    linker.instance("demo:host/api@1.2.0").unwrap().func_new("two", two).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &component).unwrap();
    let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, (1,)).unwrap(), (1,));
}

#[test]
fn missing_and_repeated_names() {
    let mut linker = component::Linker::new(&engine::<V>());
    linker.root().func_wrap("one", add::<10>).unwrap();
    let twice = linker.root().func_wrap("one", add::<10>).unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Link, "{twice:?}");
    let missing = run(&linker).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Link, "{missing:?}");
    assert_eq!(missing.missing_import().map(|import| import.name.as_str()), Some("demo:host/api"), "{missing:?}");
    // An interface without the function.
    linker.instance("demo:host/api").unwrap().func_wrap("three", add::<10>).unwrap();
    let missing = run(&linker).unwrap_err();
    assert_eq!(missing.missing_import().map(|import| import.name.as_str()), Some("demo:host/api"), "{missing:?}");
}

#[test]
fn asynchronous_functions() {
    let engine = async_engine::<V>();
    let mut linker = component::Linker::new(&engine);
    linker.root().func_wrap_async("one", add_later::<10>).unwrap();
    linker.instance("demo:host/api").unwrap().func_wrap_async("two", add_later::<100>).unwrap();
    let component = Component::new(&engine, wat(GUEST)).unwrap();
    let mut store = Store::new(&engine, ());
    let result = runtime().block_on(async {
        let instance = linker.instantiate_async(&mut store, &component).await?;
        instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run")?.call_async(&mut store, (1,)).await
    });
    assert_eq!(result.unwrap(), (111,));

    let mut linker = component::Linker::new(&compat_tests::engine::<V>());
    let refused = linker.root().func_wrap_async("one", add_later::<1>).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::SyncAsyncMismatch, "{refused:?}");
}

#[test]
fn unknown_imports_as_traps() {
    let engine = engine::<V>();
    let component = Component::new(&engine, wat(GUEST)).unwrap();
    let mut linker = component::Linker::new(&engine);
    linker.root().func_wrap("one", add::<10>).unwrap();
    let defined = linker.define_unknown_imports_as_traps(&component);
    if V::MAJOR < 22 {
        let unsupported = defined.unwrap_err();
        assert_eq!(unsupported.unsupported().and_then(|unsupported| unsupported.since), Some(22), "{unsupported:?}");
        return;
    }
    defined.unwrap();
    let error = run(&linker).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Link, "{error:?}");
    assert_eq!(error.missing_import().map(|import| import.name.as_str()), Some("demo:host/api#two"), "{error:?}");
}

#[test]
fn components_of_another_engine() {
    let (engine, other) = (engine::<V>(), compat_tests::engine::<V>());
    let mut linker = component::Linker::new(&engine);
    linker.root().func_wrap("one", add::<10>).unwrap();
    linker.instance("demo:host/api").unwrap().func_wrap("two", add::<100>).unwrap();
    let component = Component::new(&other, wat(GUEST)).unwrap();
    let refused = linker.instantiate_pre(&component).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument, "{refused:?}");
    let refused = linker.define_unknown_imports_as_traps(&component).unwrap_err();
    assert!([ErrorKind::InvalidArgument, ErrorKind::Unsupported].contains(&refused.kind()), "{refused:?}");
    let pre = linker.instantiate_pre(&Component::new(&engine, wat(GUEST)).unwrap()).unwrap();
    assert!(wasmtime_compat::Engine::same(pre.engine(), &engine));
    let refused = pre.instantiate(Store::new(&other, ())).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument, "{refused:?}");
}
