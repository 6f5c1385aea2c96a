//! A host that uses every neutral type. It compiles with any features, and means the same with all of them.

use wasmtime_compat::component::{self, Lift, Lower};
use wasmtime_compat::{
    Caller, ComponentLift, ComponentLower, HostParams, HostResults, Instance, Linker, Result, Store, StoreContextMut,
    TypedFunc, V128, WasmParams, WasmResults, WasmTy, Wasmtime,
};

type Sixteen<T> = (T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T);

pub fn core<W: Wasmtime>(linker: &mut Linker<W, ()>, instance: &Instance<W>, store: &mut Store<W, ()>) -> Result<V128> {
    linker.func_wrap("host", "a", |_: Caller<'_, W, ()>, values: (i32, i64, u32, u64, f32, f64, V128)| Ok(values))?;
    linker.func_wrap("host", "b", |_: Caller<'_, W, ()>, values: Sixteen<V128>| Ok(values.0))?;
    linker.func_wrap_async("host", "c", |_: Caller<'_, W, ()>, values: Sixteen<u64>| {
        Box::new(async move { Ok(values) })
    })?;
    instance.get_typed_func::<Sixteen<V128>, Sixteen<i32>>(&mut *store, "f")?;
    instance.get_typed_func::<i32, f64>(&mut *store, "f")?;
    instance.get_typed_func::<(), V128>(&mut *store, "f")?.call(store, ())
}

pub fn values<W: Wasmtime, T: WasmTy>(linker: &mut Linker<W, ()>, func: &TypedFunc<W, (T, f32), T>, value: T) {
    let _ = linker.func_wrap("host", "a", |_: Caller<'_, W, ()>, (value, _): (T, i32)| Ok(value));
    let _ = linker.func_wrap("host", "b", move |_: Caller<'_, W, ()>, (): ()| Ok((value, value)));
    let _ = func.clone();
}

pub fn lists<W: Wasmtime, P: HostParams + WasmParams, R: HostResults + WasmResults + Copy>(
    linker: &mut Linker<W, ()>,
    instance: &Instance<W>,
    store: &mut Store<W, ()>,
    results: R,
) -> Result<TypedFunc<W, P, R>> {
    linker.func_wrap("host", "a", move |_: Caller<'_, W, ()>, _: P| Ok(results))?;
    instance.get_typed_func(store, "f")
}

pub fn component<W: Wasmtime>(instance: &component::Instance<W>, store: &mut Store<W, ()>) -> Result<()> {
    instance.get_typed_func::<(bool, u8, i8, u16, i16, u32, i32, u64, i64, f32, f64, char), ()>(&mut *store, "f")?;
    instance.get_typed_func::<Sixteen<&[Option<&str>]>, (Sixteen<String>,)>(&mut *store, "f")?;
    instance.get_typed_func::<(), (bool, char, Box<str>, Box<[u8]>, Vec<Option<f32>>)>(&mut *store, "f")?;
    let func = instance.get_typed_func::<(&str, &[u8]), (std::result::Result<String, Vec<u8>>,)>(&mut *store, "f")?;
    for text in ["a".to_owned(), "b".to_owned()] {
        func.call(&mut *store, (&text, text.as_bytes()))?.0.ok();
    }
    Ok(())
}

pub fn component_values<W: Wasmtime, T: Lift + Lower + Copy>(
    linker: &mut component::Linker<W, ()>,
    func: &component::TypedFunc<W, (Vec<T>, &'static T), (Option<T>,)>,
    store: &mut Store<W, ()>,
    value: &T,
) -> Result<Option<T>> {
    linker.root().func_wrap("a", |_: StoreContextMut<'_, W, ()>, (value,): (T,)| Ok((vec![value],)))?;
    Ok(func.call(store, (vec![*value], value))?.0)
}

pub fn component_lists<W: Wasmtime, P: ComponentLower, R: ComponentLift>(
    instance: &component::Instance<W>,
    store: &mut Store<W, ()>,
    params: P,
) -> Result<R> {
    instance.get_typed_func::<P, R>(&mut *store, "f")?.call(store, params)
}
