//! Values of every kind that is known when the program runs only: round trips, and values that do not fit.

use compat_tests::{async_engine, echo, engine, runtime};
use wasmtime_compat::component::{self, Component, Val, types};
use wasmtime_compat::{Engine, ErrorKind, HostFuture, Result, Store, StoreContextMut};

use super::V;

/// A component that returns a value through a host function.
fn guest(definitions: &str, ty: &str, core: &str) -> Vec<u8> {
    let direct = (core.split_whitespace().count() == 1).then_some(core);
    echo(definitions, &[ty], ty, core, direct)
}

fn same(
    _: StoreContextMut<'_, V, ()>,
    ty: types::ComponentFunc,
    params: &[Val],
    results: &mut [Val],
) -> anyhow::Result<()> {
    assert_eq!((ty.params().len(), ty.results().len()), (params.len(), results.len()));
    assert_eq!(ty.params().next().map(|(_, ty)| ty), ty.results().next());
    results.clone_from_slice(params);
    Ok(())
}

fn same_later<'a>(
    _: StoreContextMut<'a, V, ()>,
    ty: types::ComponentFunc,
    params: &'a [Val],
    results: &'a mut [Val],
) -> HostFuture<'a, ()> {
    Box::new(async move {
        tokio::task::yield_now().await;
        assert_eq!((ty.params().len(), ty.results().len()), (params.len(), results.len()));
        results.clone_from_slice(params);
        Ok(())
    })
}

/// An instance whose host function returns what it is given.
fn echoing(engine: &Engine<V>, guest: &[u8]) -> (Store<V, ()>, component::Func<V>) {
    let mut linker = component::Linker::new(engine);
    linker.root().func_new("host", same).unwrap();
    let mut store = Store::new(engine, ());
    let instance = linker.instantiate(&mut store, &Component::new(engine, guest).unwrap()).unwrap();
    let func = instance.get_func(&mut store, "f").unwrap();
    (store, func)
}

fn call(store: &mut Store<V, ()>, func: &component::Func<V>, value: Val) -> Result<Val> {
    let mut results = [Val::Bool(false)];
    func.call(store, &[value], &mut results)?;
    let [result] = results;
    Ok(result)
}

fn echoes(definitions: &str, ty: &str, core: &str, values: impl IntoIterator<Item = Val>) {
    let guest = guest(definitions, ty, core);
    let (mut store, func) = echoing(&engine::<V>(), &guest);
    let values: Vec<Val> = values.into_iter().collect();
    for value in &values {
        assert_eq!(call(&mut store, &func, value.clone()).unwrap(), *value, "{ty}");
    }

    let engine = async_engine::<V>();
    let mut linker = component::Linker::new(&engine);
    linker.root().func_new_async("host", same_later).unwrap();
    let component = Component::new(&engine, &guest).unwrap();
    let mut store = Store::new(&engine, ());
    runtime().block_on(async {
        let instance = linker.instantiate_async(&mut store, &component).await.unwrap();
        let func = instance.get_func(&mut store, "f").unwrap();
        for value in values {
            let mut results = [Val::Bool(false)];
            func.call_async(&mut store, std::slice::from_ref(&value), &mut results).await.unwrap();
            assert_eq!(results, [value], "{ty}");
        }
    });
}

fn text(text: &str) -> Val {
    Val::String(text.to_owned())
}

fn some(value: Val) -> Val {
    Val::Option(Some(Box::new(value)))
}

#[test]
fn numbers() {
    echoes("", "bool", "i32", [Val::Bool(true), Val::Bool(false)]);
    echoes("", "u8", "i32", [Val::U8(u8::MAX), Val::U8(0)]);
    echoes("", "s8", "i32", [Val::S8(i8::MIN)]);
    echoes("", "u16", "i32", [Val::U16(u16::MAX)]);
    echoes("", "s16", "i32", [Val::S16(i16::MIN)]);
    echoes("", "u32", "i32", [Val::U32(u32::MAX)]);
    echoes("", "s32", "i32", [Val::S32(i32::MIN)]);
    echoes("", "u64", "i64", [Val::U64(u64::MAX)]);
    echoes("", "s64", "i64", [Val::S64(i64::MIN)]);
    echoes("", "f32", "f32", [Val::Float32(0.5), Val::Float32(f32::NAN), Val::Float32(f32::NEG_INFINITY)]);
    echoes("", "f64", "f64", [Val::Float64(-0.5), Val::Float64(f64::NAN)]);
    echoes("", "char", "i32", [Val::Char('\u{10ffff}'), Val::Char('a')]);
}

#[test]
fn values_in_memory() {
    echoes("", "string", "i32 i32", [text("grüße"), text("")]);
    echoes("", "(list u8)", "i32 i32", [Val::List(vec![Val::U8(1), Val::U8(2)]), Val::List(Vec::new())]);
    echoes("", "(list string)", "i32 i32", [Val::List(vec![text("a"), text("")])]);
    let parts = [Val::U8(1), text("two"), Val::Float64(3.0)];
    echoes("", "(tuple u8 string f64)", "i32 i32 i32 f64", [Val::Tuple(parts.to_vec())]);
    echoes("", "(option string)", "i32 i32 i32", [some(text("a")), Val::Option(None)]);
    echoes(
        "",
        "(option (option u32))",
        "i32 i32 i32",
        [some(some(Val::U32(1))), some(Val::Option(None)), Val::Option(None)],
    );
    let results = [Val::Result(Ok(Some(Box::new(Val::U32(1))))), Val::Result(Err(Some(Box::new(text("no")))))];
    echoes("", "(result u32 (error string))", "i32 i32 i32", results);
    echoes("", "(result)", "i32", [Val::Result(Ok(None)), Val::Result(Err(None))]);
}

const POINT: &str = r#"(type $raw (record (field "x" u32) (field "label" string)))
    (import "point" (type $point (eq $raw)))"#;

const SHAPE: &str = r#"(type $raw (variant (case "none") (case "number" u64) (case "text" string)))
    (import "shape" (type $shape (eq $raw)))"#;

const COLOR: &str = r#"(type $raw (enum "red" "green" "blue")) (import "color" (type $color (eq $raw)))"#;

const ACCESS: &str = r#"(type $raw (flags "read" "write" "execute")) (import "access" (type $access (eq $raw)))"#;

fn point(x: Val, label: &str) -> Val {
    Val::Record(vec![("x".to_owned(), x), ("label".to_owned(), text(label))])
}

fn variant(case: &str, value: Option<Val>) -> Val {
    Val::Variant(case.to_owned(), value.map(Box::new))
}

#[test]
fn named_types() {
    echoes(POINT, "$point", "i32 i32 i32", [point(Val::U32(7), "seven")]);
    let shapes =
        [variant("none", None), variant("number", Some(Val::U64(u64::MAX))), variant("text", Some(text("word")))];
    echoes(SHAPE, "$shape", "i32 i64 i32", shapes.clone());
    echoes(COLOR, "$color", "i32", ["red", "blue"].map(|name| Val::Enum(name.to_owned())));
    let flags = [vec![], vec!["read".to_owned()], vec!["read".to_owned(), "execute".to_owned()]];
    echoes(ACCESS, "$access", "i32", flags.map(Val::Flags));
    echoes(SHAPE, "(list $shape)", "i32 i32", [Val::List(shapes.to_vec())]);
    let points = Val::List(vec![point(Val::U32(1), "one"), point(Val::U32(2), "two")]);
    echoes(POINT, "(option (list $point))", "i32 i32 i32", [some(points)]);
}

/// A value that does not fit is refused before the guest is entered, with the place in the value.
#[test]
fn values_that_do_not_fit() {
    let engine = engine::<V>();
    let misfits = |definitions: &str, ty: &str, core: &str, fits: Val, misfits: Vec<(Val, &str)>| {
        let (mut store, func) = echoing(&engine, &guest(definitions, ty, core));
        for (value, expected) in misfits {
            let error = call(&mut store, &func, value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TypeMismatch, "{error:?}");
            assert!(error.message().contains(expected), "{error}");
            // The instance is as it was.
            assert_eq!(call(&mut store, &func, fits.clone()).unwrap(), fits);
        }
    };
    misfits("", "u32", "i32", Val::U32(1), vec![(Val::U64(1), "param 0: expected `u32`, found `u64`")]);
    let list = Val::List(vec![text("a")]);
    let other = Val::List(vec![text("a"), Val::Bool(true)]);
    misfits("", "(list string)", "i32 i32", list, vec![(other, "param 0, element 1: expected `string`, found `bool`")]);
    let points = vec![
        (point(Val::S8(1), "one"), "param 0, field \"x\": expected `u32`, found `s8`"),
        (Val::Record(vec![("x".to_owned(), Val::U32(1))]), "`label`"),
        (Val::Record(vec![("y".to_owned(), Val::U32(1)), ("label".to_owned(), text(""))]), "found `y`"),
    ];
    misfits(POINT, "$point", "i32 i32 i32", point(Val::U32(7), "seven"), points);
    let shapes = vec![
        (variant("square", None), "unknown case `square`"),
        (variant("number", None), "case `number`"),
        (variant("none", Some(Val::U8(1))), "case `none`"),
        (variant("text", Some(Val::U8(1))), "param 0, case \"text\": expected `string`, found `u8`"),
    ];
    misfits(SHAPE, "$shape", "i32 i64 i32", variant("none", None), shapes);
    let colors = vec![(Val::Enum("pink".to_owned()), "unknown case `pink`")];
    misfits(COLOR, "$color", "i32", Val::Enum("red".to_owned()), colors);
    let flags = vec![(Val::Flags(vec!["read".to_owned(), "own".to_owned()]), "unknown flag `own`")];
    misfits(ACCESS, "$access", "i32", Val::Flags(Vec::new()), flags);
    let tuple = |parts: &[Val]| Val::Tuple(parts.to_vec());
    let tuples = vec![
        (tuple(&[Val::U8(1)]), "2 parts, found 1"),
        (tuple(&[Val::U8(1), Val::U8(1)]), "param 0, part 1: expected `string`"),
    ];
    misfits("", "(tuple u8 string)", "i32 i32 i32", tuple(&[Val::U8(1), text("a")]), tuples);
}

#[test]
fn wrong_numbers_of_values() {
    let (mut store, func) = echoing(&engine::<V>(), &guest("", "u32", "i32"));
    for (params, results, what) in [(0, 1, "params"), (2, 1, "params"), (1, 0, "results"), (1, 2, "results")] {
        let error =
            func.call(&mut store, &vec![Val::U32(1); params], &mut vec![Val::Bool(false); results]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch, "{error:?}");
        assert!(error.message().contains(what), "{error}");
    }
}

/// What a host function returns is checked like what a host passes.
#[test]
fn results_that_do_not_fit() {
    let engine = engine::<V>();
    let mut linker = component::Linker::new(&engine);
    let wrong = |_: StoreContextMut<'_, V, ()>, _: types::ComponentFunc, _: &[Val], results: &mut [Val]| {
        results[0] = text("not a number");
        Ok(())
    };
    linker.root().func_new("host", wrong).unwrap();
    let mut store = Store::new(&engine, ());
    let component = Component::new(&engine, &guest("", "u32", "i32")).unwrap();
    let func = linker.instantiate(&mut store, &component).unwrap().get_func(&mut store, "f").unwrap();
    let error = call(&mut store, &func, Val::U32(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TypeMismatch, "{error:?}");
    assert!(error.message().contains("result 0: expected `u32`, found `string`"), "{error}");
}
