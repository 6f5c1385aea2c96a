//! Profiles: samples of the modules that are shown, and of no others.

use std::time::Duration;

use compat_tests::wat;
use serde_json::Value;
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::{
    Caller, Config, CoreWasmtime, Engine, ErrorKind, GuestProfiler, Linker, Module, Store, UpdateDeadline,
};

use super::V;

const INTERVAL: Duration = Duration::from_millis(1);

const GUEST: &str = r#"(module $guest
    (import "host" "call" (func $call))
    (import "other" "through" (func $through (param funcref)))
    (table 1 funcref)
    (elem (i32.const 0) $inner)
    (func $inner (call $call))
    (func (export "outer") (call $through (table.get 0 (i32.const 0)))))"#;

const OTHER: &str = r#"(module $other
    (type $f (func))
    (table 1 funcref)
    (func (export "through") (param funcref)
        (table.set 0 (i32.const 0) (local.get 0))
        (call_indirect (type $f) (i32.const 0))))"#;

type Profiler = Option<GuestProfiler<V>>;

/// The stacks of all samples, the outermost frame first.
fn stacks(profile: &Value) -> Vec<Vec<String>> {
    let thread = &profile["threads"][0];
    let strings = thread.get("stringArray").unwrap_or(&profile["shared"]["stringArray"]);
    let at = |table: &str, column: &str, index: &Value| thread[table][column][index.as_u64().unwrap() as usize].clone();
    let samples = thread["samples"]["stack"].as_array().unwrap().iter();
    samples
        .map(|stack| {
            let (mut stack, mut names) = (stack.clone(), Vec::new());
            while !stack.is_null() {
                let func = at("frameTable", "func", &at("stackTable", "frame", &stack));
                let name = at("funcTable", "name", &func).as_u64().unwrap();
                names.insert(0, strings[name as usize].as_str().unwrap().to_owned());
                stack = at("stackTable", "prefix", &stack);
            }
            names
        })
        .collect()
}

fn finish(profiler: Profiler) -> Value {
    let mut profile = Vec::new();
    profiler.unwrap().finish(&mut profile).unwrap();
    serde_json::from_slice(&profile).unwrap()
}

/// Runs the guest with samples in a function of the host, with these modules of `[guest, other]` shown.
fn profile(shown: &[usize]) -> Value {
    let engine = Engine::<V>::new(&Config::new()).unwrap();
    let modules = [GUEST, OTHER].map(|text| Module::new(&engine, wat(text)).unwrap());
    let named = shown.iter().map(|index| (format!("module {index}"), modules[*index].clone()));
    let profiler = GuestProfiler::new(&engine, "the profile", INTERVAL, named).unwrap();
    let mut linker = Linker::<V, Profiler>::new(&engine);
    linker
        .func_wrap("host", "call", |mut caller: Caller<'_, V, Profiler>, (): ()| {
            let mut profiler = caller.data_mut().take().unwrap();
            profiler.sample(&caller, INTERVAL);
            *caller.data_mut() = Some(profiler);
            Ok(())
        })
        .unwrap();
    let mut store = Store::new(&engine, Some(profiler));
    store.call_hook(|mut state, call| {
        if let Some(profiler) = state.data_mut() {
            profiler.call_hook(call);
        }
        Ok(())
    });
    let other = linker.instantiate(&mut store, &modules[1]).unwrap();
    linker.instance(&mut store, "other", other).unwrap();
    let instance = linker.instantiate(&mut store, &modules[0]).unwrap();
    instance.get_typed_func::<(), ()>(&mut store, "outer").unwrap().call(&mut store, ()).unwrap();
    finish(store.into_data())
}

#[test]
fn only_named_modules_are_shown() {
    let (outer, inner) = ("module 0!function 3", "module 0!inner");
    for (shown, stack) in [
        (&[0, 1][..], &[outer, "module 1!function 0", inner][..]),
        (&[0], &[outer, inner]),
        (&[1], &["module 1!function 0"]),
        (&[], &[]),
    ] {
        let profile = profile(shown);
        assert_eq!(stacks(&profile), [stack], "{shown:?}");
        assert_eq!(profile["meta"]["product"], "the profile");
        assert_eq!(profile["meta"]["interval"], 1.0);
    }
}

#[test]
fn calls_of_the_host_are_marked() {
    let profile = profile(&[0]);
    // An interval begins (2) and ends (3).
    assert_eq!(profile["threads"][0]["markers"]["phase"], serde_json::json!([2, 3]));
    assert_eq!(profile["meta"]["markerSchema"][0]["name"], "hostcall");
}

#[test]
fn samples_at_epochs() {
    let engine = Engine::<V>::new(&Config::new().epoch_interruption(true)).unwrap();
    let module = Module::new(
        &engine,
        wat("(module (func $spin (export \"f\") (param i32)
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"),
    )
    .unwrap();
    let named = [("guest".to_owned(), module.clone())];
    let profiler = GuestProfiler::new(&engine, "profile", INTERVAL, named).unwrap();
    let mut store = Store::new(&engine, Some(profiler));
    store
        .epoch_deadline_callback(|mut state| {
            let mut profiler = state.data_mut().take().unwrap();
            profiler.sample(&state, Duration::ZERO);
            *state.data_mut() = Some(profiler);
            // The deadline has passed at once: a sample at every check.
            Ok(UpdateDeadline::Continue(0))
        })
        .unwrap();
    store.set_epoch_deadline(0).unwrap();
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    instance.get_typed_func::<i32, ()>(&mut store, "f").unwrap().call(&mut store, 10).unwrap();
    let stacks = stacks(&finish(store.into_data()));
    assert!(stacks.len() >= 10 && stacks.iter().all(|stack| stack == &["guest!spin"]), "{stacks:?}");
}

#[test]
fn modules_of_another_engine() {
    let [one, other] = [(); 2].map(|()| Engine::<V>::new(&Config::new()).unwrap());
    let module = Module::new(&other, wat("(module)")).unwrap();
    let error = GuestProfiler::new(&one, "profile", INTERVAL, [("guest".to_owned(), module)]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let component = Component::new(&other, wat("(component)")).unwrap();
    let error = GuestProfiler::new_component(&one, "profile", INTERVAL, &component, []).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn modules_of_a_component() {
    let engine = Engine::<V>::new(&Config::new()).unwrap();
    let component = Component::new(
        &engine,
        wat(r#"(component
            (import "call" (func $call))
            (core func $call (canon lower (func $call)))
            (core module $m
                (import "host" "call" (func $call))
                (func $inner (call $call))
                (func $outer (export "outer") (call $inner)))
            (core instance $i (instantiate $m (with "host" (instance (export "call" (func $call))))))
            (func (export "outer") (canon lift (core func $i "outer"))))"#),
    )
    .unwrap();
    let profiler = match GuestProfiler::new_component(&engine, "profile", INTERVAL, &component, []) {
        Ok(profiler) => profiler,
        Err(error) => {
            assert!(V::MAJOR < 19, "{error}");
            assert_eq!(error.unsupported().unwrap().since, Some(19));
            return;
        }
    };
    let mut linker = component::Linker::<V, Profiler>::new(&engine);
    linker
        .root()
        .func_wrap("call", |mut context: wasmtime_compat::StoreContextMut<'_, V, Profiler>, (): ()| {
            let mut profiler = context.data_mut().take().unwrap();
            profiler.sample(&context, INTERVAL);
            *context.data_mut() = Some(profiler);
            Ok(())
        })
        .unwrap();
    let mut store = Store::new(&engine, Some(profiler));
    let instance = linker.instantiate(&mut store, &component).unwrap();
    instance.get_typed_func::<(), ()>(&mut store, "outer").unwrap().call(&mut store, ()).unwrap();
    assert_eq!(stacks(&finish(store.into_data())), [["m!outer", "m!inner"]]);
}
