//! What each step of a major can do: compile modules, or load what another step compiled, and say what is missing.

use std::fs;
use std::path::PathBuf;

use compat_tests::{trusted, wat};
use tempfile::NamedTempFile;
use wasmtime_compat::{
    Caller, Config, CoreWasmtime, Engine, Error, ErrorKind, Linker, Mismatch, Module, OptLevel, Precompiled, Result,
    Store, by_major,
};

use super::{COMPILES, V, WHOLE};

const GUEST: &str = r#"(module
    (import "host" "twice" (func $twice (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "run") (param i32) (result i32)
        (i32.store (i32.const 8) (call $twice (local.get 0)))
        (i32.load (i32.const 8))))"#;

/// Modules are compiled as the core takes them, with whichever step.
fn config() -> Config {
    Config::new().wasm_component_model(false)
}

fn run(engine: &Engine<V>, module: &Module<V>) -> Result<i32> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "twice", |mut caller: Caller<'_, V, u32>, (number,): (i32,)| {
        *caller.data_mut() += 1;
        Ok(number * 2)
    })?;
    let mut store = Store::new(engine, 0);
    let instance = linker.instantiate(&mut store, module)?;
    let result = instance.get_typed_func::<i32, i32>(&mut store, "run")?.call(&mut store, 21)?;
    assert_eq!(*store.data(), 1);
    Ok(result)
}

fn load(engine: &Engine<V>, bytes: &[u8]) -> Result<Module<V>> {
    Module::from_precompiled(engine, &trusted(bytes)?)
}

#[track_caller]
fn lacks(error: &Error, step: &str) {
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    let feature = format!("wasmtime-{}{step}", V::MAJOR);
    assert_eq!(error.unsupported().and_then(|it| it.feature.as_deref()), Some(feature.as_str()), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains(&format!("`{feature}`"))), "{error}");
}

/// A step with a compiler leaves its code behind, and a step without one loads that.
#[test]
fn modules_are_compiled_or_loaded() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("core-{}.cwasm", V::MAJOR));
    let engine = Engine::<V>::new(&config()).unwrap();
    assert_eq!(engine.fingerprint().is_some(), COMPILES);
    let compiled = engine.precompile_module(&wat(GUEST));
    if COMPILES {
        let bytes = compiled.unwrap();
        assert_eq!(run(&engine, &load(&engine, &bytes).unwrap()).unwrap(), 42);
        assert_eq!(run(&engine, &Module::new(&engine, &wat(GUEST)).unwrap()).unwrap(), 42);
        let whole = NamedTempFile::new_in(&folder).unwrap();
        fs::write(&whole, bytes).unwrap();
        whole.persist(&file).unwrap();
        return;
    }
    lacks(&compiled.unwrap_err(), "-cranelift");
    lacks(&Module::new(&engine, &wat(GUEST)).unwrap_err(), "-cranelift");
    let bytes = fs::read(&file).unwrap_or_else(|error| panic!("run a step with a compiler first: {file:?}: {error}"));
    let precompiled = Precompiled::parse(&bytes).unwrap();
    precompiled.check_compatible(&engine).unwrap();
    assert_eq!(precompiled.wasmtime, V::report().wasmtime);
    assert_eq!(run(&engine, &load(&engine, &bytes).unwrap()).unwrap(), 42);
    // Without a compiler there is no fingerprint to compare.
    let fuel = Engine::<V>::new(&config().consume_fuel(true)).unwrap();
    let error = load(&fuel, &bytes).unwrap_err();
    assert_eq!(error.mismatch(), Some(&Mismatch::OtherSettings), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("wasm_component_model(false)")), "{error}");
}

#[test]
fn settings_say_what_they_need() {
    let engine = |config: Config| Engine::<V>::new(&config);
    let compiler = [Config::new().cranelift_opt_level(OptLevel::None), Config::new().cranelift_debug_verifier(true)];
    for config in compiler {
        match engine(config) {
            Ok(_) => assert!(COMPILES),
            Err(error) if COMPILES => panic!("{error}"),
            Err(error) => lacks(&error, "-cranelift"),
        }
    }
    let whole = [
        Config::new().async_support(true),
        Config::new().wasm_component_model(true),
        Config::new().debug_adapter_modules(true),
        Config::new().async_stack_size(4 << 20),
    ];
    for config in whole {
        match engine(config) {
            Ok(_) => assert!(WHOLE),
            Err(error) if WHOLE => panic!("{error}"),
            Err(error) => lacks(&error, ""),
        }
    }
    // From 47 on Wasmtime compares it with the stack of asynchronous calls, also where there are none.
    engine(Config::new().max_wasm_stack(8 << 20)).unwrap();
}

#[test]
fn only_whole_majors_are_listed() {
    assert_eq!(by_major(V::MAJOR).is_some(), WHOLE);
}
