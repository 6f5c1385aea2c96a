//! Backtraces that a host function captures.

use std::num::NonZeroUsize;

use compat_tests::wat;
use wasmtime_compat::{AsContextMut, Caller, Config, Engine, ErrorKind, Linker, Module, Store, WasmBacktrace};

use super::V;

const GUEST: &str = r#"(module $guest
    (import "host" "where" (func $where))
    (func $inner (nop) (call $where))
    (func $deep (param i32)
        (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (call $where))))
    (func $outer (export "outer") (call $inner))
    (func (export "deep") (param i32) (call $deep (local.get 0))))"#;

type Seen = Vec<WasmBacktrace>;

fn store(config: &Config) -> (Store<V, Seen>, wasmtime_compat::Instance<V>) {
    let engine = Engine::<V>::new(config).unwrap();
    let mut linker = Linker::<V, Seen>::new(&engine);
    linker
        .func_wrap("host", "where", |mut caller: Caller<'_, V, Seen>, (): ()| {
            let captured = [
                WasmBacktrace::capture(&caller),
                WasmBacktrace::force_capture(&caller),
                WasmBacktrace::capture(caller.as_context_mut()),
            ];
            caller.data_mut().extend(captured);
            Ok(())
        })
        .unwrap();
    let mut store = Store::new(&engine, Seen::new());
    let instance = linker.instantiate(&mut store, &Module::new(&engine, &wat(GUEST)).unwrap()).unwrap();
    (store, instance)
}

fn outer(config: &Config) -> Seen {
    let (mut store, instance) = store(config);
    instance.get_typed_func::<(), ()>(&mut store, "outer").unwrap().call(&mut store, ()).unwrap();
    assert!(WasmBacktrace::force_capture(&store).frames().is_empty(), "no guest is running");
    store.into_data()
}

#[test]
fn frames_of_a_running_guest() {
    let seen = outer(&Config::new());
    assert!(seen.iter().all(|captured| captured == &seen[0]));
    let frames = seen[0].frames();
    let names: Vec<_> = frames.iter().map(|frame| (frame.module.as_deref(), frame.function.as_deref())).collect();
    assert_eq!(names, [(Some("guest"), Some("inner")), (Some("guest"), Some("outer"))]);
    assert_eq!(frames.iter().map(|frame| frame.function_index).collect::<Vec<_>>(), [1, 3]);
    assert!(frames.iter().all(|frame| frame.module_offset.is_some() && frame.function_offset.is_some()));
    assert!(!seen[0].is_cut());
}

#[test]
fn without_backtraces_only_a_forced_one_has_frames() {
    let seen = outer(&Config::new().backtraces(false));
    assert_eq!(seen.iter().map(|captured| captured.frames().len()).collect::<Vec<_>>(), [0, 2, 0]);
}

#[test]
fn as_many_frames_as_asked_for() {
    for (limit, frames, is_cut) in [(1000, 202, false), (202, 202, false), (100, 100, true), (1, 1, true)] {
        let (mut store, instance) = store(&Config::new().wasm_backtrace_max_frames(NonZeroUsize::new(limit)));
        instance.get_typed_func::<i32, ()>(&mut store, "deep").unwrap().call(&mut store, 200).unwrap();
        for captured in store.data() {
            assert_eq!((captured.frames().len(), captured.is_cut()), (frames, is_cut), "{limit}");
        }
        let trap = Module::new(
            store.engine(),
            wat("(module (func $f (export \"f\") (param i32) (if (local.get 0)
            (then (call $f (i32.sub (local.get 0) (i32.const 1)))) (else unreachable))))"),
        )
        .unwrap();
        let instance = Linker::new(store.engine()).instantiate(&mut store, &trap).unwrap();
        let error = instance.get_typed_func::<i32, ()>(&mut store, "f").unwrap().call(&mut store, 201).unwrap_err();
        let backtrace = error.wasm_backtrace().unwrap();
        assert_eq!((backtrace.frames().len(), backtrace.is_cut()), (frames, is_cut), "{limit}");
    }
    let seen = outer(&Config::new().wasm_backtrace_max_frames(None));
    assert_eq!(seen.iter().map(|captured| captured.frames().len()).collect::<Vec<_>>(), [0, 2, 0]);
    let config = Config::new().wasm_backtrace_max_frames(NonZeroUsize::new(usize::MAX));
    assert_eq!(Engine::<V>::new(&config).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn many_frames_are_cut() {
    let (mut store, instance) = store(&Config::new());
    instance.get_typed_func::<i32, ()>(&mut store, "deep").unwrap().call(&mut store, 200).unwrap();
    let captured = &store.data()[0];
    assert_eq!((captured.frames().len(), captured.is_cut()), (64, true));
}
