//! Core dumps: what is in them, which errors have one, and what cannot be written.

use compat_tests::wat;
use wasmtime_compat::{
    Caller, Config, CoreWasmtime as _, Engine, Error, ErrorKind, Exit, Guest, Linker, Module, Proposal, Store, Trap,
    Val,
};

use super::V;

const GUEST: &str = r#"(module $guest
    (import "host" "fail" (func $fail (param i32)))
    (memory (export "memory") 2)
    (data (i32.const 4000) "in the dump")
    (global $counter (mut i32) (i32.const 41))
    (global (mut i64) (i64.const -1))
    (global (mut f64) (f64.const 1.5))
    (global funcref (ref.null func))
    (global externref (ref.null extern))
    (func $inner unreachable)
    (func $outer (export "trap") (call $inner))
    (func (export "fail") (param i32) (call $fail (local.get 0)))
    (func (export "count") (global.set $counter (i32.add (global.get $counter) (i32.const 1)))))"#;

/// The error type of a host.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

fn engine(config: Config) -> Engine<V> {
    Engine::new(&config.coredump_on_trap(true)).unwrap()
}

fn instantiate(engine: &Engine<V>, text: &str) -> (Store<V, ()>, wasmtime_compat::Instance<V>) {
    let mut linker = Linker::<V, ()>::new(engine);
    let fail = |_: Caller<'_, V, ()>, how: i32| match how {
        0 => Err::<(), _>(anyhow::Error::new(Broken)),
        code => Err(anyhow::Error::new(Exit(code))),
    };
    linker.func_wrap("host", "fail", fail).unwrap();
    let mut store = Store::new(engine, ());
    let instance = linker.instantiate(&mut store, &Module::new(engine, wat(text)).unwrap()).unwrap();
    (store, instance)
}

fn trapped(store: &mut Store<V, ()>, instance: &wasmtime_compat::Instance<V>) -> Error {
    instance.get_typed_func::<(), ()>(&mut *store, "trap").unwrap().call(store, ()).unwrap_err()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn the_state_of_a_store() {
    let engine = engine(Config::new());
    let (mut store, instance) = instantiate(&engine, GUEST);
    let error = trapped(&mut store, &instance);
    assert_eq!(error.trap(), Some(&Trap::Unreachable), "{error:?}");
    assert!(error.wasmtime_error().unwrap().to_string().contains("wasm"), "{error:?}");

    let dump = error.wasm_core_dump().unwrap();
    let functions: Vec<_> = dump.frames().iter().map(|frame| frame.function.as_deref()).collect();
    assert_eq!(functions, [Some("inner"), Some("outer")]);
    assert_eq!(error.wasm_backtrace(), Some(dump.backtrace()));
    assert_eq!(dump.module_names().collect::<Vec<_>>(), [Some("guest")]);
    let text = dump.to_string();
    assert!(text.starts_with("modules: guest\n0: guest!inner ("), "{text}");

    let modules = dump.modules(&store).unwrap();
    assert_eq!(modules.len(), 1);
    assert!(Engine::same(modules[0].engine(), &engine));
    match dump.instances(&store) {
        Ok(instances) => assert!(instances[0].get_memory(&mut store, "memory").is_some()),
        Err(error) => assert_eq!((error.unsupported().unwrap().since, V::MAJOR < 34), (Some(34), true), "{error:?}"),
    }
    let memories = dump.memories(&store).unwrap();
    assert_eq!(&memories[0].data(&store)[4000..4011], b"in the dump");
    let globals = dump.globals(&store).unwrap();
    assert_eq!(globals.len(), 5);
    let numbers = globals.iter().filter_map(|global| match global.get(&mut store).unwrap() {
        Val::I32(number) => Some(i64::from(number)),
        Val::I64(number) => Some(number),
        _ => None,
    });
    assert_eq!(numbers.collect::<Vec<_>>(), [41, -1]);

    let bytes = dump.serialize(&mut store, "the program").unwrap();
    assert!(contains(&bytes, "in the dump") && contains(&bytes, "the program") && contains(&bytes, "guest"));
    let guest = Guest::parse(&bytes).unwrap();
    assert!(guest.imports.is_empty() && guest.exports.is_empty());
    for name in ["core", "coremodules", "coreinstances", "corestack"] {
        assert!(contains(&bytes, name), "{name}");
    }

    // A handle shows what is there now.
    instance.get_typed_func::<(), ()>(&mut store, "count").unwrap().call(&mut store, ()).unwrap();
    assert_eq!(globals[0].get(&mut store).unwrap().i32(), Some(42));
}

#[test]
fn off_by_default() {
    let engine = compat_tests::engine::<V>();
    let (mut store, instance) = instantiate(&engine, GUEST);
    assert!(trapped(&mut store, &instance).wasm_core_dump().is_none());
}

#[test]
fn without_backtraces() {
    let engine = engine(Config::new().backtraces(false));
    let (mut store, instance) = instantiate(&engine, GUEST);
    let error = trapped(&mut store, &instance);
    assert!(error.wasm_backtrace().is_none(), "{error:?}");
    let dump = error.wasm_core_dump().unwrap();
    assert_eq!(dump.frames().len(), if V::MAJOR < 43 { 2 } else { 0 });
    assert!(dump.serialize(&mut store, "").is_ok());
}

/// The host's own error arrives as it does without core dumps.
#[test]
fn errors_of_host_functions() {
    let engine = engine(Config::new());
    let (mut store, instance) = instantiate(&engine, GUEST);
    let fail = instance.get_typed_func::<i32, ()>(&mut store, "fail").unwrap();
    let error = fail.call(&mut store, 0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Host, "{error:?}");
    assert!(error.downcast_ref::<Broken>().is_some());
    let dump = error.wasm_core_dump().unwrap();
    assert!(dump.serialize(&mut store, "").is_ok());
    assert!(matches!(error.downcast::<Broken>(), Ok(Broken)));
    let exit = fail.call(&mut store, 3).unwrap_err();
    assert_eq!(exit.exit_code(), Some(3), "{exit:?}");
    assert!(exit.wasm_core_dump().is_none());
}

#[test]
fn another_store() {
    let engine = engine(Config::new());
    let (mut store, instance) = instantiate(&engine, GUEST);
    let (mut other, _) = instantiate(&engine, GUEST);
    let error = trapped(&mut store, &instance);
    let dump = error.wasm_core_dump().unwrap();
    for refused in [
        dump.serialize(&mut other, "").map(drop),
        dump.modules(&other).map(drop),
        dump.instances(&other).map(drop),
        dump.globals(&other).map(drop),
        dump.memories(&other).map(drop),
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    // An error that passes through another store keeps the dump of its own.
    let mut linker = Linker::<V, ()>::new(&engine);
    let passed = std::sync::Mutex::new(Some(error));
    let pass = move |_: Caller<'_, V, ()>, _: i32| match passed.lock().unwrap().take() {
        Some(error) => Err(anyhow::Error::from(error)),
        None => Ok(()),
    };
    linker.func_wrap("host", "fail", pass).unwrap();
    let instance = linker.instantiate(&mut other, &Module::new(&engine, wat(GUEST)).unwrap()).unwrap();
    let fail = instance.get_typed_func::<i32, ()>(&mut other, "fail").unwrap();
    let error = fail.call(&mut other, 0).unwrap_err();
    assert_eq!(error.trap(), Some(&Trap::Unreachable), "{error:?}");
    // It came out of the guest of the other store last.
    assert!(error.wasm_core_dump().unwrap().serialize(&mut other, "").is_ok());
}

#[test]
fn other_ways_into_a_guest() {
    let engine = engine(Config::new());
    let (mut store, instance) = instantiate(&engine, GUEST);
    let dynamic = instance.get_func(&mut store, "trap").unwrap().call(&mut store, &[], &mut []).unwrap_err();
    assert!(dynamic.wasm_core_dump().unwrap().serialize(&mut store, "").is_ok());
    let start = Module::new(&engine, wat("(module (func $f unreachable) (start $f))")).unwrap();
    let error = Linker::new(&engine).instantiate(&mut store, &start).unwrap_err();
    assert!(error.wasm_core_dump().unwrap().serialize(&mut store, "").is_ok());
    let error = wasmtime_compat::Instance::new(&mut store, &start, &[]).unwrap_err();
    let instances = error.wasm_core_dump().unwrap().instances(&store);
    assert!(V::MAJOR < 34 || instances.unwrap().len() >= 2);
}

/// A core dump is written, or refused with the first major that writes it.
fn written(bytes: Result<Vec<u8>, Error>, is_written: bool, since: u64) {
    match bytes {
        Ok(bytes) => assert!(is_written && bytes.starts_with(b"\0asm")),
        Err(error) => {
            assert!(!is_written, "{error:?}");
            assert_eq!(error.unsupported().unwrap().since, Some(since), "{error:?}");
        }
    }
}

#[test]
fn what_some_majors_cannot_write() {
    let config = Config::new().proposal(Proposal::Memory64, true).proposal(Proposal::Threads, true).shared_memory(true);
    let engine = engine(config);
    for (memory, is_written, since) in
        [("(memory i64 1)", V::MAJOR >= 26, 26), ("(memory 1 2 shared)", V::MAJOR == 24 || V::MAJOR >= 36, 36)]
    {
        let (mut store, instance) =
            instantiate(&engine, &format!("(module {memory} (func (export \"trap\") unreachable))"));
        let error = trapped(&mut store, &instance);
        let dump = error.wasm_core_dump().unwrap();
        let memories = dump.memories(&store).unwrap();
        assert_eq!(memories.len(), usize::from(!memory.contains("shared")));
        written(dump.serialize(&mut store, "memory"), is_written, since);
    }
    // A module without functions of its own.
    let (mut store, instance) = instantiate(&engine, GUEST);
    let passes = "(module (import \"host\" \"fail\" (func (param i32))) (export \"f\" (func 0)))";
    let mut linker = Linker::<V, ()>::new(&engine);
    linker.func_wrap("host", "fail", |_: i32| ()).unwrap();
    linker.instantiate(&mut store, &Module::new(&engine, wat(passes)).unwrap()).unwrap();
    let error = trapped(&mut store, &instance);
    written(error.wasm_core_dump().unwrap().serialize(&mut store, ""), V::MAJOR >= 40, 40);
}
