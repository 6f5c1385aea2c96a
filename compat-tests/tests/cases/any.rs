//! The object-safe layer: engines with settings chosen at run time, and the commands on them.

use std::time::Duration;

use compat_tests::{command, engine};
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
