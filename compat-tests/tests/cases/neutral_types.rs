//! The neutral types: each passes through a guest, in calls and in host functions, synchronously and asynchronously.

use std::fmt::Debug;

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::component::{self, Component, Lift, Lower};
use wasmtime_compat::{
    Caller, ComponentLift, ComponentLower, HostParams, HostResults, Linker, Module, Store, StoreContextMut, V128,
    WasmParams, WasmResults, WasmTy,
};

use super::V;

/// Passes values to a guest that hands them to a host function, which returns them: all that a list can be. `plain`
/// makes of a list what can be compared and shown, which tuples of more than 12 cannot.
fn passes<P, D>(types: &[&str], values: P, plain: fn(P) -> D)
where
    P: HostParams + HostResults + WasmParams + WasmResults + Copy,
    D: Debug + PartialEq,
{
    let list = types.join(" ");
    let gets: String = (0..types.len()).map(|index| format!("(local.get {index})")).collect();
    let wasm = wat(&format!(
        r#"(module
            (import "host" "f" (func $f (param {list}) (result {list})))
            (func (export "f") (param {list}) (result {list}) (call $f {gets})))"#
    ));

    let engine = engine::<V>();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "f", |_: Caller<'_, V, ()>, values: P| Ok(values)).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &Module::new(&engine, &wasm).unwrap()).unwrap();
    let func = instance.get_typed_func::<P, P>(&mut store, "f").unwrap();
    assert_eq!(plain(func.call(&mut store, values).unwrap()), plain(values));

    let engine = async_engine::<V>();
    let mut linker = Linker::new(&engine);
    linker.func_wrap_async("host", "f", |_: Caller<'_, V, ()>, values: P| Box::new(async move { Ok(values) })).unwrap();
    let module = Module::new(&engine, &wasm).unwrap();
    let mut store = Store::new(&engine, ());
    let result = runtime().block_on(async {
        let instance = linker.instantiate_async(&mut store, &module).await?;
        instance.get_typed_func::<P, P>(&mut store, "f")?.call_async(&mut store, values).await
    });
    assert_eq!(plain(result.unwrap()), plain(values));
}

/// A single value needs no tuple, except as the parameters of a host function.
fn passes_alone<T: WasmTy + Debug + PartialEq>(name: &str, value: T) {
    passes(&[name], (value,), |(value,)| value);
    let wasm = wat(&format!(
        r#"(module
            (import "host" "get" (func $get (result {name})))
            (func (export "get") (result {name}) (call $get))
            (func (export "same") (param {name}) (result {name}) (local.get 0)))"#
    ));
    let engine = engine::<V>();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "get", move |_: Caller<'_, V, ()>, (): ()| Ok(value)).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &Module::new(&engine, &wasm).unwrap()).unwrap();
    let get = instance.get_typed_func::<(), T>(&mut store, "get").unwrap();
    assert_eq!(get.call(&mut store, ()).unwrap(), value);
    let same = instance.get_typed_func::<T, T>(&mut store, "same").unwrap();
    assert_eq!(same.call(&mut store, value).unwrap(), value);
}

#[test]
fn scalars() {
    for value in [0, i32::MIN, i32::MAX] {
        passes_alone("i32", value);
    }
    passes_alone("i64", i64::MIN);
    passes_alone::<u32>("i32", u32::MAX);
    passes_alone::<u64>("i64", u64::MAX);
    passes_alone("f32", f32::MIN_POSITIVE);
    passes_alone("f64", f64::NEG_INFINITY);
}

#[test]
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn vectors() {
    let vector = V128::from(0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100);
    assert_eq!(u128::from(vector), vector.as_u128());
    passes_alone("v128", vector);
    passes(&["i32", "v128", "f64", "v128"], (-1, vector, 0.5, V128::from(u128::MAX)), |values| values);

    let engine = engine::<V>();
    let module = wat(r#"(module (func (export "add") (param v128 v128) (result v128)
        (i32x4.add (local.get 0) (local.get 1))))"#);
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &module).unwrap()).unwrap();
    let add = instance.get_typed_func::<(V128, V128), V128>(&mut store, "add").unwrap();
    let lanes = |lanes: [u32; 4]| V128::from(lanes.iter().rev().fold(0, |all, &lane| all << 32 | u128::from(lane)));
    let sum = add.call(&mut store, (lanes([1, 2, 3, u32::MAX]), lanes([10, 20, 30, 1]))).unwrap();
    assert_eq!(sum, lanes([11, 22, 33, 0]), "lane 0 is the least significant");
}

macro_rules! passes_numbers {
    ($($number:ident)*) => {{
        let mut last = 0;
        $(last += 1;
        let $number: i64 = last;)*
        let types = [$((stringify!($number), "i64").1),*];
        passes(&types, ($($number,)*), |($($number,)*)| vec![$($number),*]);
    }};
}

#[test]
fn lists_of_up_to_16_values() {
    let wasm = wat(r#"(module (func (export "f")))"#);
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &wasm).unwrap()).unwrap();
    instance.get_typed_func::<(), ()>(&mut store, "f").unwrap().call(&mut store, ()).unwrap();

    passes_numbers!(a b);
    passes_numbers!(a b c d e f g h i j k l);
    passes_numbers!(a b c d e f g h i j k l m);
    passes_numbers!(a b c d e f g h i j k l m n);
    passes_numbers!(a b c d e f g h i j k l m n o);
    passes_numbers!(a b c d e f g h i j k l m n o p);
    passes(
        &["i32", "i64", "f32", "f64", "i32", "i64", "f32", "f64", "i32", "i64", "f32", "f64"],
        (1, 2u64, 3f32, 4f64, 5u32, 6i64, 7f32, 8f64, 9, 10u64, 11f32, 12f64),
        |values| values,
    );
}

/// As [`compat_tests::echo`], without types of its own.
fn echo(params: &[&str], result: &str, core: &str, core_result: Option<&str>) -> Vec<u8> {
    compat_tests::echo("", params, result, core, core_result)
}

/// The guest, with a host function that returns what it is given.
fn echoing<P: ComponentLift + ComponentLower, const ASYNC: bool>(
    guest: &[u8],
) -> (Store<V, ()>, component::Instance<V>) {
    let engine = if ASYNC { async_engine::<V>() } else { engine::<V>() };
    let mut linker = component::Linker::new(&engine);
    linker.root().func_wrap("host", |_: StoreContextMut<'_, V, ()>, values: P| Ok(values)).unwrap();
    let pre = linker.instantiate_pre(&Component::new(&engine, guest).unwrap()).unwrap();
    let mut store = Store::new(&engine, ());
    let instance =
        if ASYNC { runtime().block_on(pre.instantiate_async(&mut store)) } else { pre.instantiate(&mut store) };
    (store, instance.unwrap())
}

fn echoes<T: Lift + Lower + Clone + Debug + PartialEq>(ty: &str, core: &str, value: T) {
    let direct = (core.split_whitespace().count() == 1).then_some(core);
    let guest = echo(&[ty], ty, core, direct);
    let (mut store, instance) = echoing::<(T,), false>(&guest);
    let func = instance.get_typed_func::<(T,), (T,)>(&mut store, "f").unwrap();
    for _ in 0..2 {
        assert_eq!(func.call(&mut store, (value.clone(),)).unwrap(), (value.clone(),));
    }
    // The parameter can be borrowed, whatever it is.
    let borrowed = instance.get_typed_func::<(&T,), (T,)>(&mut store, "f").unwrap();
    assert_eq!(borrowed.call(&mut store, (&value,)).unwrap(), (value.clone(),));

    let (mut store, instance) = echoing::<(T,), true>(&guest);
    let func = instance.get_typed_func::<(Box<T>,), (T,)>(&mut store, "f").unwrap();
    let result = runtime().block_on(func.call_async(&mut store, (Box::new(value.clone()),)));
    assert_eq!(result.unwrap(), (value,));
}

#[test]
fn component_numbers() {
    echoes("bool", "i32", true);
    echoes("u8", "i32", u8::MAX);
    echoes("s8", "i32", i8::MIN);
    echoes("u16", "i32", u16::MAX);
    echoes("s16", "i32", i16::MIN);
    echoes("u32", "i32", u32::MAX);
    echoes("s32", "i32", i32::MIN);
    echoes("u64", "i64", u64::MAX);
    echoes("s64", "i64", i64::MIN);
    echoes("f32", "f32", 0.5f32);
    echoes("f64", "f64", f64::INFINITY);
    echoes("char", "i32", '\u{10ffff}');
}

#[test]
fn component_values_in_memory() {
    echoes("string", "i32 i32", "grüße".to_owned());
    echoes::<Box<str>>("string", "i32 i32", "text".into());
    echoes("(list u8)", "i32 i32", vec![1u8, 2, 3]);
    echoes("(list u64)", "i32 i32", vec![u64::MAX; 100]);
    echoes::<Box<[i16]>>("(list s16)", "i32 i32", Box::new([-1, 1]));
    echoes("(list string)", "i32 i32", vec!["a".to_owned(), String::new()]);
    echoes("(option u32)", "i32 i32", Some(7u32));
    echoes("(option string)", "i32 i32 i32", None::<String>);
    echoes("(result u32 (error string))", "i32 i32 i32", Err::<u32, _>("no".to_owned()));
    echoes("(result u32 (error string))", "i32 i32 i32", Ok::<_, String>(1u32));
    echoes("(result)", "i32", Ok::<(), ()>(()));
    echoes("(tuple u8 string f64)", "i32 i32 i32 f64", (1u8, "two".to_owned(), 3.0f64));
    let deep = vec![(Some(vec!['a', 'b']), Ok::<u8, bool>(1)), (None, Err(true))];
    echoes("(list (tuple (option (list char)) (result u8 (error bool))))", "i32 i32", deep);
}

#[test]
fn component_functions_of_16_parameters() {
    let core = ["i32"; 16].join(" ");
    let list = format!("(tuple {})", ["u32"; 16].join(" "));
    // The host function takes 16 parameters too, and returns one tuple of them.
    let guest = echo(&["u32"; 16], &list, &core, None);
    type Many = (u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32);
    let values: Many = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    let engine = engine::<V>();
    let mut linker = component::Linker::new(&engine);
    linker.root().func_wrap("host", |_: StoreContextMut<'_, V, ()>, values: Many| Ok((values,))).unwrap();
    let pre = linker.instantiate_pre(&Component::new(&engine, &guest).unwrap()).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = pre.instantiate(&mut store).unwrap();
    let func = instance.get_typed_func::<Many, (Many,)>(&mut store, "f").unwrap();
    let (all,) = func.call(&mut store, values).unwrap();
    assert_eq!((all.0, all.1, all.14, all.15), (1, 2, 15, 16));
}

/// A host that keeps the function of its guest, and passes text that lives for one call.
struct Kept {
    store: Store<V, ()>,
    func: component::TypedFunc<V, (&'static str,), (String,)>,
}

impl Kept {
    fn new<const ASYNC: bool>() -> Self {
        let guest = echo(&["string"], "string", "i32 i32", None);
        let (mut store, instance) = echoing::<(String,), ASYNC>(&guest);
        let func = instance.get_typed_func(&mut store, "f").unwrap();
        Self { store, func }
    }

    fn call(&mut self, text: &str) -> String {
        self.func.call(&mut self.store, (text,)).unwrap().0
    }
}

#[test]
fn component_parameters_can_be_borrowed() {
    let mut kept = Kept::new::<false>();
    for number in 0..3 {
        let text = format!("text {number}");
        assert_eq!(kept.call(&text), text);
    }
    let raw = kept.func.into_raw();
    kept.func = component::TypedFunc::from_raw(raw);
    assert_eq!(kept.call("again"), "again");

    let (mut store, instance) = echoing::<(Vec<u8>,), false>(&echo(&["(list u8)"], "(list u8)", "i32 i32", None));
    let func = instance.get_typed_func::<(&[u8],), (Vec<u8>,)>(&mut store, "f").unwrap();
    for len in 0..3u8 {
        let bytes: Vec<u8> = (0..len).collect();
        assert_eq!(func.call(&mut store, (&bytes,)).unwrap().0, bytes);
    }

    let guest = echo(&["(list string)"], "(list string)", "i32 i32", None);
    let (mut store, instance) = echoing::<(Vec<String>,), false>(&guest);
    let func = instance.get_typed_func::<(&[&str],), (Vec<String>,)>(&mut store, "f").unwrap();
    assert_eq!(func.call(&mut store, (&["a", "b"],)).unwrap().0, ["a", "b"]);
}

/// The future that holds the borrow can move between threads.
#[test]
fn component_parameters_can_be_borrowed_asynchronously() {
    let mut kept = Kept::new::<true>();
    let task = async move {
        let mut results = Vec::new();
        for number in 0..3 {
            let text = format!("text {number}");
            results.push(kept.func.call_async(&mut kept.store, (&*text,)).await.unwrap().0);
        }
        results
    };
    let runtime = runtime();
    assert_eq!(runtime.block_on(runtime.spawn(task)).unwrap(), ["text 0", "text 1", "text 2"]);
}
