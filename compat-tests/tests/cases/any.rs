//! The object-safe layer: engines with settings chosen at run time, and the commands on them.

use std::time::Duration;

use compat_tests::{command, engine, wat};
use wasmtime_compat::component::{Val, types::Type};
use wasmtime_compat::wasi::Stdout;
use wasmtime_compat::{
    AnyEngine, Config, CoreWasmtime, ErrorKind, OptLevel, Outcome, Precompiled, Proposal, RunConfig, by_major,
};

use super::V;

/// A new engine of this major with a configuration.
fn any(config: &Config) -> wasmtime_compat::Result<Box<dyn AnyEngine>> {
    by_major(V::MAJOR).unwrap().engine(config)
}

#[test]
fn settings_of_an_engine_decide_what_compiles_on_it() {
    let wasm = command("(drop (v128.const i64x2 1 2))");
    let on = any(&Config::new().cranelift_opt_level(OptLevel::None)).unwrap();
    assert_eq!(on.major(), V::MAJOR);
    assert!(matches!(on.compile(&wasm).unwrap().run(&RunConfig::new()).unwrap().outcome, Outcome::Exited(0)));
    // Relaxed SIMD builds on SIMD, so both are switched.
    let config = Config::new().proposal(Proposal::RelaxedSimd, false).proposal(Proposal::Simd, false);
    let off = any(&config).unwrap();
    assert_eq!(off.compile(&wasm).unwrap_err().kind(), ErrorKind::InvalidGuest);
    assert_ne!(on.fingerprint(), off.fingerprint());
    assert_eq!(any(&Config::new().max_wasm_stack(0)).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn limits_of_a_run_need_an_engine_for_them() {
    let endless = command("(loop (br 0))");
    let fuel = RunConfig { fuel: Some(1_000), ..RunConfig::new() };
    let counting = any(&fuel.engine_config()).unwrap().compile(&endless).unwrap();
    assert!(matches!(counting.run(&fuel).unwrap().outcome, Outcome::Trapped { .. }));
    let plain = any(&Config::new()).unwrap().compile(&command("")).unwrap();
    assert_eq!(plain.run(&fuel).unwrap_err().kind(), ErrorKind::Config);

    let timeout = RunConfig { timeout: Some(Duration::from_millis(50)), ..RunConfig::new() };
    let watched = any(&timeout.engine_config().backtraces(false)).unwrap().compile(&endless).unwrap();
    assert!(matches!(watched.run(&timeout).unwrap().outcome, Outcome::TimedOut));
}

#[test]
fn precompiled_guests_load_on_an_engine_of_the_same_settings() {
    let config = Config::new().cranelift_opt_level(OptLevel::None);
    let bytes = any(&config).unwrap().precompile(&command("")).unwrap();
    let precompiled = Precompiled::parse(&bytes).unwrap();
    #[expect(unsafe_code, reason = "the bytes were compiled just above")]
    // SAFETY: the bytes come from `precompile`, and nothing else has written to them.
    let trusted = unsafe { precompiled.trust() };
    let loaded = any(&config).unwrap().load(&trusted).unwrap();
    assert!(matches!(loaded.run(&RunConfig::new()).unwrap().outcome, Outcome::Exited(0)));
    let other = any(&Config::new().consume_fuel(true)).unwrap().load(&trusted);
    assert_eq!(other.unwrap_err().kind(), ErrorKind::Mismatch);
}

#[test]
fn an_engine_of_the_caller_is_one_too() {
    let engine = engine::<V>();
    let any: &dyn AnyEngine = &engine;
    any.increment_epoch();
    let done = any.compile(&command("")).unwrap().run(&RunConfig::new()).unwrap();
    assert!(matches!(done.outcome, Outcome::Exited(0)));
    assert_eq!(Some(any.fingerprint()), engine.fingerprint());
}

/// Exports of modules and components, called by name with values.
#[test]
fn exports_are_called_by_name() {
    let run = RunConfig::new();
    let engine = any(&run.engine_config()).unwrap();
    let module = wat(r#"(module
        (global $n (mut i32) (i32.const 0))
        (func (export "_initialize") (global.set $n (i32.const 40)))
        (func (export "add") (param i32 i64 f32 f64) (result i32 f64)
            (i32.add (global.get $n) (local.get 0))
            (f64.add (local.get 3) (f64.promote_f32 (local.get 2))))
        (func (export "trap") unreachable)
        (func (export "vector") (param v128)))"#);
    let mut instance = engine.instantiate(&module, &run).unwrap();
    assert_eq!(instance.major(), V::MAJOR);
    let ty = instance.func_type("add").unwrap();
    assert_eq!(ty.params().map(|(_, ty)| ty).collect::<Vec<_>>(), [Type::S32, Type::S64, Type::Float32, Type::Float64]);
    let params = [Val::S32(2), Val::S64(-1), Val::Float32(0.5), Val::Float64(1.0)];
    assert_eq!(instance.call("add", &params).unwrap(), [Val::S32(42), Val::Float64(1.5)]);
    assert_eq!(instance.call("add", &params[1..]).unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(instance.call("add", &[Val::Bool(true)]).unwrap_err().kind(), ErrorKind::TypeMismatch);
    assert_eq!(instance.call("vector", &[]).unwrap_err().kind(), ErrorKind::TypeMismatch);
    assert_eq!(instance.call("subtract", &[]).unwrap_err().kind(), ErrorKind::Export);
    assert_eq!(instance.call("trap", &[]).unwrap_err().kind(), ErrorKind::Trap);

    let component = wat(r#"(component
        (core module $m (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
        (core instance $i (instantiate $m))
        (func $double (param "n" u32) (result u32) (canon lift (core func $i "double")))
        (instance $api (export "double" (func $double)))
        (export "double" (func $double))
        (export "demo:guest/api" (instance $api)))"#);
    let mut instance = engine.instantiate(&component, &run).unwrap();
    for export in ["double", "demo:guest/api#double"] {
        assert_eq!(instance.call(export, &[Val::U32(21)]).unwrap(), [Val::U32(42)]);
        let error = instance.call(export, &[Val::U64(21)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch, "{error:?}");
    }
    assert_eq!(instance.call("demo:guest/api#halve", &[]).unwrap_err().kind(), ErrorKind::Export);
}

#[test]
fn output_of_calls_is_captured() {
    let mut run = RunConfig::new();
    run.wasi.stdout(Stdout::capture(8));
    let wasm = wat(r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
        (func (export "shout") (result i32) (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))"#);
    let mut instance = any(&run.engine_config()).unwrap().instantiate(&wasm, &run).unwrap();
    assert_eq!(instance.take_stdout().unwrap().bytes, b"");
    for _ in 0..2 {
        assert_eq!(instance.call("shout", &[]).unwrap(), [Val::S32(0)]);
        let output = instance.take_stdout().unwrap();
        assert_eq!((&output.bytes[..], output.dropped()), (&b"hello\n"[..], 0));
    }
    assert!(instance.take_stderr().is_none(), "standard error is not captured");
}

#[test]
fn a_call_that_ends_late_has_timed_out() {
    // One instruction, which nothing interrupts.
    let fill = wat(r#"(module (memory 1)
            (func (export "fill")
                (drop (memory.grow (i32.const 4096))) (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x10000000))))"#);
    for is_async in [false, true] {
        let run = RunConfig { timeout: Some(Duration::from_millis(20)), ..RunConfig::new() };
        let engine = any(&run.engine_config().async_support(is_async)).unwrap();
        let called = engine.instantiate(&fill, &run).and_then(|mut instance| instance.call("fill", &[]));
        assert_eq!(called.unwrap_err().kind(), ErrorKind::TimedOut);
    }
}
