//! Code generators, targets, flags, inlining and profilers: each is used, or refused with its name.

use compat_tests::{engine, wat};
use wasmtime_compat::{
    Config, CoreWasmtime, Engine, Error, ErrorKind, Inlining, Linker, Module, Precompiled, ProfilingStrategy,
    RegallocAlgorithm, Store, Strategy,
};

use super::V;

const ADD: &str = r#"(module
    (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "twice") (param i32) (result i32) (call $add (local.get 0) (local.get 0))))"#;

fn use_engine(config: &Config) -> Result<Engine<V>, Error> {
    let engine = Engine::<V>::new(config)?;
    let module = Module::new(&engine, wat(ADD))?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    assert_eq!(instance.get_typed_func::<i32, i32>(&mut store, "twice")?.call(&mut store, 21)?, 42);
    Ok(engine)
}

#[test]
fn code_generators() {
    for strategy in [Strategy::Auto, Strategy::Cranelift] {
        let engine = use_engine(&Config::new().strategy(strategy)).unwrap();
        assert_eq!(engine.fingerprint(), Engine::<V>::new(&Config::new()).unwrap().fingerprint());
    }
    // A build of several packages may have it.
    if let Err(error) = Engine::<V>::new(&Config::new().strategy(Strategy::Winch)) {
        if let Some(unsupported) = error.unsupported() {
            assert_eq!(unsupported.feature, Some(format!("wasmtime-{}-winch", V::MAJOR)), "{error:?}");
        } else {
            assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
        }
    }
}

#[test]
fn profilers() {
    use_engine(&Config::new().profiler(ProfilingStrategy::None)).unwrap();
    let used = use_engine(&Config::new().profiler(ProfilingStrategy::PerfMap));
    if cfg!(unix) {
        used.unwrap();
        let _ = std::fs::remove_file(format!("/tmp/perf-{}.map", std::process::id()));
    } else {
        assert_eq!(used.unwrap_err().kind(), ErrorKind::Unsupported);
    }
    for profiler in [ProfilingStrategy::JitDump, ProfilingStrategy::VTune] {
        let error = Engine::<V>::new(&Config::new().profiler(profiler)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
        assert_eq!(error.unsupported().unwrap().what, format!("the profiler `{profiler:?}`"));
        assert!(error.hint().unwrap().contains(&format!("the package wasmtime {}", V::MAJOR)), "{error:?}");
    }
}

#[test]
fn inlining() {
    for (inlining, since) in [
        (Inlining::No, 36),
        (Inlining::InterModuleAndIntraGc, 36),
        (Inlining::Yes, 45),
        (Inlining::InterModule, 45),
        (Inlining::Intrinsics, 45),
    ] {
        match use_engine(&Config::new().compiler_inlining(inlining)) {
            Ok(_) => assert!(V::MAJOR >= since, "{inlining:?}"),
            Err(error) => {
                assert!(V::MAJOR < since, "{inlining:?}: {error:?}");
                assert_eq!(error.unsupported().unwrap().since, Some(since));
            }
        }
    }
}

#[test]
fn register_allocators() {
    use_engine(&Config::new().cranelift_regalloc_algorithm(RegallocAlgorithm::Backtracking)).unwrap();
    match use_engine(&Config::new().cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass)) {
        Ok(_) => assert!(matches!(V::MAJOR, 28..=32 | 37..)),
        Err(error) => {
            let since = if V::MAJOR < 28 { 28 } else { 37 };
            assert!(matches!(V::MAJOR, 18..=27 | 33..=36), "{error:?}");
            let unsupported = error.unsupported().unwrap();
            assert_eq!(
                (unsupported.what.as_str(), unsupported.since),
                ("the register allocator `single_pass`", Some(since))
            );
        }
    }
}

#[test]
fn targets() {
    let target = if cfg!(target_arch = "x86_64") { "x86_64-unknown-linux-gnu" } else { "aarch64-unknown-linux-gnu" };
    let engine = Engine::<V>::new(&Config::new().target(target)).unwrap();
    let bytes = engine.precompile(wat(ADD)).unwrap();
    let made = Precompiled::parse(&bytes).unwrap();
    assert_eq!(Some(made.fingerprint), engine.fingerprint());
    assert!(made.code().starts_with(b"\x7fELF"));
    for target in ["", "nonsense", "pdp-11", "\0"] {
        let error = Engine::<V>::new(&Config::new().target(target)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
    }
    // A processor that no Wasmtime has.
    let error = Engine::<V>::new(&Config::new().target("sparc-unknown-linux-gnu")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
}

#[test]
fn code_for_another_system_is_not_loaded() {
    let target = if cfg!(windows) { "x86_64-unknown-linux-gnu" } else { "x86_64-pc-windows-msvc" };
    if !cfg!(target_arch = "x86_64") {
        return;
    }
    let engine = Engine::<V>::new(&Config::new().target(target)).unwrap();
    let bytes = engine.precompile(wat(ADD)).unwrap();
    assert_ne!(engine.fingerprint(), compat_tests::engine::<V>().fingerprint());
    assert!(Module::new(&engine, wat(ADD)).is_err());
    let error =
        Module::from_precompiled(&compat_tests::engine::<V>(), &compat_tests::trusted(&bytes).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch, "{error:?}");
}

#[test]
#[expect(unsafe_code, reason = "flags can break the isolation of guests; these do not")]
fn flags() {
    // SAFETY: the level of optimisation has no influence on isolation, and the other names do not exist.
    let (known, unknown, value, nameless, disabled) = unsafe {
        (
            Config::new().cranelift_flag_set("opt_level", "none"),
            Config::new().cranelift_flag_enable("no_such_flag"),
            Config::new().cranelift_flag_set("opt_level", "no such level"),
            Config::new().cranelift_flag_set("", ""),
            Config::new().cranelift_flag_set("no_such_flag", "true"),
        )
    };
    let changed = use_engine(&known).unwrap();
    assert_ne!(changed.fingerprint(), engine::<V>().fingerprint());
    for config in [unknown, value, nameless, disabled] {
        let error = Engine::<V>::new(&config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
    }
}

#[test]
fn the_code_is_that_of_the_major() {
    use super::raw::wasmtime;
    let engine = engine::<V>();
    let wasm = wat(ADD);
    let bytes = engine.precompile(&wasm).unwrap();
    let own = engine.as_raw().precompile_module(&wasm).unwrap();
    let code = Precompiled::parse(&bytes).unwrap().code().to_vec();
    assert_eq!(code.len(), own.len());
    // SAFETY: the bytes were just made by this very engine.
    #[expect(unsafe_code, reason = "what is loaded was just compiled")]
    let module = unsafe { wasmtime::Module::deserialize(engine.as_raw(), &code) }.unwrap();
    assert_eq!(module.exports().count(), 2);
}
