//! The types of one major, without the parameter for the major.

use std::any::TypeId;

use compat_tests::wat;
use wasmtime_compat::{Newest, Oldest};

use super::raw::{
    self, AsContextMut, Caller, Config, Engine, Extern, Linker, Memory, Module, Result, Store, StoreContextMut,
    TypedFunc, Val,
};
use super::{V, raw::component};

fn count(mut store: impl AsContextMut<Data = u32>, func: &TypedFunc<i32, i32>) -> Result<i32> {
    *store.as_context_mut().data_mut() += 1;
    func.call(&mut store, 40)
}

fn first_byte(caller: &mut Caller<'_, u32>, memory: Memory) -> u8 {
    let context: StoreContextMut<'_, u32> = caller.as_context_mut();
    memory.data(&context)[0]
}

#[test]
fn a_host_that_names_no_major() -> Result<()> {
    let engine = Engine::new(&Config::new())?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "plus", |mut caller: Caller<'_, u32>, number: i32| {
        let byte = match caller.get_export("memory") {
            Some(Extern::Memory(memory)) => first_byte(&mut caller, memory),
            _ => 0,
        };
        number + i32::from(byte) + i32::try_from(*caller.data()).unwrap_or(0)
    })?;
    let module = Module::new(
        &engine,
        &wat(r#"(module (import "host" "plus" (func $plus (param i32) (result i32)))
            (memory (export "memory") 1) (data (i32.const 0) "\02")
            (func (export "f") (param i32) (result i32) (call $plus (local.get 0))))"#),
    )?;
    let mut store = Store::new(&engine, 0);
    let instance: raw::Instance = linker.instantiate(&mut store, &module)?;
    let func = instance.get_typed_func(&mut store, "f")?;
    assert_eq!(count(&mut store, &func)?, 43);
    assert_eq!(count(store.as_context_mut(), &func)?, 44);
    let mut results = [Val::I32(0)];
    let func: raw::Func = instance.get_func(&mut store, "f").unwrap();
    func.call(&mut store, &[Val::I32(1)], &mut results)?;
    assert_eq!(results[0].i32(), Some(5));
    Ok(())
}

#[test]
fn components_too() -> Result<()> {
    let engine = Engine::new(&Config::new())?;
    let component = component::Component::new(&engine, &wat("(component)"))?;
    let linker = component::Linker::<()>::new(&engine);
    let mut store = Store::new(&engine, ());
    let _instance: component::Instance = linker.instantiate_pre(&component)?.instantiate(&mut store)?;
    Ok(())
}

#[test]
fn wasi_of_a_major() -> Result<()> {
    let config = raw::wasi::WasiConfig::new();
    assert_eq!(TypeId::of::<raw::wasi::WasiConfig>(), TypeId::of::<wasmtime_compat::wasi::WasiConfig>());
    let store: Store<()> = Store::with_wasi(&Engine::new(&Config::new())?, (), &config)?;
    assert!(store.preopens().is_some());
    Ok(())
}

#[test]
fn they_are_the_types_of_the_crate() {
    assert_eq!(TypeId::of::<Store<u8>>(), TypeId::of::<wasmtime_compat::Store<V, u8>>());
    assert_eq!(TypeId::of::<wasmtime_compat::newest::Engine>(), TypeId::of::<wasmtime_compat::Engine<Newest>>());
    assert_eq!(TypeId::of::<wasmtime_compat::oldest::Engine>(), TypeId::of::<wasmtime_compat::Engine<Oldest>>());
}
