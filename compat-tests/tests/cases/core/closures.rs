//! Host functions in all forms: closures with and without the caller, functions, tuples, and all that they may return.

use compat_tests::{engine, wat};
use wasmtime_compat::{
    Caller, CoreWasmtime, Error, ErrorKind, Exit, Func, IntoFunc, Linker, Module, Result, Store, Trap, V128, WasmTy,
};

use super::V;

/// Calls `f` of a module that imports functions as this text says.
fn call<T: wasmtime_compat::Data>(linker: &Linker<V, T>, store: &mut Store<V, T>, text: &str) -> Result<i64> {
    let module = Module::new(linker.engine(), &wat(&format!("(module {text})"))).unwrap();
    let instance = linker.instantiate(&mut *store, &module).unwrap();
    instance.get_typed_func::<(), i64>(&mut *store, "f").unwrap().call(store, ())
}

fn half<W: CoreWasmtime>(mut caller: Caller<'_, W, u32>, number: i64) -> i64 {
    *caller.data_mut() += 1;
    number / 2
}

fn same<T: WasmTy>(value: T) -> T {
    value
}

#[test]
fn forms() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, 0);
    let mut linker = Linker::<V, u32>::new(&engine);
    let base = 30_i64;
    linker
        .func_wrap("host", "plain", move |a: i32, b: i64| i64::from(a) + b + base)
        .unwrap()
        .func_wrap("host", "caller", |mut caller: Caller<'_, V, u32>, a: i64| {
            *caller.data_mut() += 1;
            a * i64::from(*caller.data())
        })
        .unwrap()
        .func_wrap("host", "none", |mut caller: Caller<'_, V, u32>| *caller.data_mut() += 1)
        .unwrap()
        .func_wrap("host", "nothing", || ())
        .unwrap()
        .func_wrap("host", "tuple", |_: Caller<'_, V, u32>, (a, b): (i64, i64)| Ok(a - b))
        .unwrap()
        .func_wrap("host", "half", half::<V>)
        .unwrap()
        .func_wrap("host", "same", same::<i64>)
        .unwrap()
        .func_wrap("host", "literal", || 7)
        .unwrap();
    let text = r#"
        (import "host" "plain" (func $plain (param i32 i64) (result i64)))
        (import "host" "caller" (func $caller (param i64) (result i64)))
        (import "host" "none" (func $none))
        (import "host" "nothing" (func $nothing))
        (import "host" "tuple" (func $tuple (param i64 i64) (result i64)))
        (import "host" "half" (func $half (param i64) (result i64)))
        (import "host" "same" (func $same (param i64) (result i64)))
        (import "host" "literal" (func $literal (result i32)))
        (func (export "f") (result i64)
            (call $none) (call $nothing)
            (call $tuple
                (call $same (call $half (call $caller (call $plain (i32.const 2) (i64.const 10)))))
                (i64.extend_i32_s (call $literal))))"#;
    // (2 + 10 + 30) * 2 / 2 - 7
    assert_eq!(call(&linker, &mut store, text).unwrap(), 35);
    assert_eq!(*store.data(), 3);
}

/// A user's own function over every form of host functions.
fn add<T: wasmtime_compat::Data, P, R>(linker: &mut Linker<V, T>, name: &str, func: impl IntoFunc<V, T, P, R>) {
    linker.func_wrap("host", name, func).unwrap();
}

#[test]
fn users_write_functions_over_forms() {
    let engine = engine::<V>();
    let mut linker = Linker::<V, u32>::new(&engine);
    add(&mut linker, "values", |a: i32| a + 1);
    add(&mut linker, "caller", |caller: Caller<'_, V, u32>, a: i32| a + *caller.data() as i32);
    add(&mut linker, "tuple", |_: Caller<'_, V, u32>, (a,): (i32,)| Ok(a * 2));
    let text = r#"
        (import "host" "values" (func $values (param i32) (result i32)))
        (import "host" "caller" (func $caller (param i32) (result i32)))
        (import "host" "tuple" (func $tuple (param i32) (result i32)))
        (func (export "f") (result i64)
            (i64.extend_i32_s (call $tuple (call $caller (call $values (i32.const 1))))))"#;
    assert_eq!(call(&linker, &mut Store::new(&engine, 5), text).unwrap(), 14);
}

#[test]
fn results() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::<V, ()>::new(&engine);
    let four = |a: i32, b: i64, c: f32, d: f64| (d, c, b, a);
    linker.func_wrap("host", "four", four).unwrap();
    linker.func_wrap("host", "pair", |a: u32, b: u64| -> Result<(u64, u32)> { Ok((b, a)) }).unwrap();
    linker.func_wrap("host", "any", |a: i32| -> anyhow::Result<i32> { Ok(a + 1) }).unwrap();
    linker.func_wrap("host", "unit", || -> Result<()> { Ok(()) }).unwrap();
    let text = r#"
        (import "host" "four" (func $four (param i32 i64 f32 f64) (result f64 f32 i64 i32)))
        (import "host" "pair" (func $pair (param i32 i64) (result i64 i32)))
        (import "host" "any" (func $any (param i32) (result i32)))
        (import "host" "unit" (func $unit))
        (func (export "f") (result i64) (local $i i32) (local $l i64)
            (call $unit)
            (call $four (i32.const 5) (i64.const 6) (f32.const 1) (f64.const 2))
            (local.set $i) (local.set $l) drop drop
            (call $pair (call $any (local.get $i)) (local.get $l))
            (local.set $i) (local.set $l)
            (i64.add (i64.mul (local.get $l) (i64.const 10)) (i64.extend_i32_s (local.get $i))))"#;
    assert_eq!(call(&linker, &mut store, text).unwrap(), 66);
}

#[derive(Debug)]
struct Own(i32);

impl std::fmt::Display for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "number {}", self.0)
    }
}

impl std::error::Error for Own {}

#[test]
fn errors_reach_the_caller() {
    let engine = engine::<V>();
    let failing = |linker: &mut Linker<V, ()>| {
        let text = r#"(import "host" "fail" (func $fail)) (func (export "f") (result i64) (call $fail) (i64.const 0))"#;
        call(linker, &mut Store::new(&engine, ()), text).unwrap_err()
    };
    let linker = || Linker::<V, ()>::new(&engine);

    let mut own = linker();
    own.func_wrap("host", "fail", || -> anyhow::Result<()> { Err(Own(3).into()) }).unwrap();
    let error = failing(&mut own);
    assert_eq!((error.kind(), error.downcast_ref::<Own>().unwrap().0), (ErrorKind::Host, 3));
    let error = error.downcast::<std::fmt::Error>().unwrap_err();
    assert_eq!(error.downcast::<Own>().unwrap().0, 3);

    let mut exit = linker();
    exit.func_wrap("host", "fail", |_: Caller<'_, V, ()>| -> anyhow::Result<()> { Err(Exit(5).into()) }).unwrap();
    assert_eq!(failing(&mut exit).exit_code(), Some(5));

    let mut ours = linker();
    let other = engine.clone();
    let ours_fails = move || -> Result<()> { Module::new(&other, b"not a module").map(drop) };
    ours.func_wrap("host", "fail", ours_fails).unwrap();
    assert_eq!(failing(&mut ours).kind(), ErrorKind::InvalidGuest);

    let mut nested = linker();
    nested
        .func_wrap("host", "fail", |mut caller: Caller<'_, V, ()>| -> Result<()> {
            let trap = Func::wrap(&mut caller, || -> anyhow::Result<()> { Err(Trap::Unreachable.into()) });
            trap.typed::<(), ()>(&caller)?.call(&mut caller, ())
        })
        .unwrap();
    let error: Error = failing(&mut nested);
    assert_eq!(error.trap(), Some(&Trap::Unreachable));
}

#[test]
fn functions_without_a_linker() {
    let mut store = Store::new(&engine::<V>(), 1_u32);
    let add = Func::wrap(&mut store, |a: i32, b: i32| a + b);
    assert_eq!(add.typed::<(i32, i32), i32>(&store).unwrap().call(&mut store, (1, 2)).unwrap(), 3);
    let data = Func::wrap(&mut store, |caller: Caller<'_, V, u32>| *caller.data());
    assert_eq!(data.typed::<(), u32>(&store).unwrap().call(&mut store, ()).unwrap(), 1);
    let tuple = Func::wrap(&mut store, |_: Caller<'_, V, u32>, (a,): (i32,)| Ok(a));
    assert_eq!(tuple.typed::<i32, i32>(&store).unwrap().call(&mut store, 9).unwrap(), 9);
}

#[test]
fn vectors() {
    let mut store = Store::new(&engine::<V>(), ());
    let func = Func::wrap(&mut store, |a: V128, b: i32| V128::from(a.as_u128() + u128::from(b.unsigned_abs())));
    let typed = func.typed::<(V128, i32), V128>(&store).unwrap();
    assert_eq!(typed.call(&mut store, (V128::from(1_u128 << 100), 2)).unwrap().as_u128(), (1 << 100) + 2);
}

/// A host function of each number of parameters, with the caller and without, which returns their sum.
macro_rules! arities {
    ($($count:literal: $($name:ident)*;)*) => {
        #[test]
        #[allow(unused_mut, reason = "without parameters there is nothing to count")]
        fn every_number_of_parameters() {
            let mut store = Store::new(&engine::<V>(), 100_i64);
            $({
                let sum = Func::wrap(&mut store, |$($name: i64),*| -> i64 { 0 $(+ $name)* });
                let more = Func::wrap(&mut store, |caller: Caller<'_, V, i64>, $($name: i64),*| -> i64 {
                    *caller.data() $(+ $name)*
                });
                assert_eq!(sum.ty(&store).unwrap().params().len(), $count);
                let mut numbers = 1_i64..;
                $(let $name = numbers.next().unwrap();)*
                let expected = numbers.start * (numbers.start - 1) / 2;
                let sum = sum.typed::<($(arities!(@i64 $name),)*), i64>(&store).unwrap();
                assert_eq!(sum.call(&mut store, ($($name,)*)).unwrap(), expected);
                let more = more.typed::<($(arities!(@i64 $name),)*), i64>(&store).unwrap();
                assert_eq!(more.call(&mut store, ($($name,)*)).unwrap(), expected + 100);
            })*
        }
    };
    (@i64 $name:ident) => { i64 };
}

arities! {
    0: ;
    1: a;
    2: a b;
    3: a b c;
    4: a b c d;
    5: a b c d e;
    6: a b c d e f;
    7: a b c d e f g;
    8: a b c d e f g h;
    9: a b c d e f g h i;
    10: a b c d e f g h i j;
    11: a b c d e f g h i j k;
    12: a b c d e f g h i j k l;
    13: a b c d e f g h i j k l m;
    14: a b c d e f g h i j k l m n;
    15: a b c d e f g h i j k l m n o;
    16: a b c d e f g h i j k l m n o p;
}
