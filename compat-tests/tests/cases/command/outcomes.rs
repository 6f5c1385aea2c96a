//! The end of a guest as an `Outcome`: exit codes, one trap for the same fault, fuel, timeouts, limits.

use std::time::Duration;

use compat_tests::{Adapter, command, command_with, component, run, run_both, sleep, wat};
use wasmtime_compat::{Caller, Config, Engine, Linker, Module, Outcome, RunConfig, Store, StoreLimits, Trap};

use super::V;

#[track_caller]
fn assert_traps(wasm: &[u8], config: &RunConfig, expected: Trap) {
    for done in run_both::<V>(wasm, config).unwrap() {
        assert!(matches!(&done.outcome, Outcome::Trapped { trap, .. } if *trap == expected), "{:?}", done.outcome);
    }
}

#[test]
fn exit_codes() {
    for code in [0, 1, 42, 125] {
        let wasm = command(&format!("(call $exit (i32.const {code}))"));
        for done in run_both::<V>(&wasm, &RunConfig::new()).unwrap() {
            assert!(matches!(done.outcome, Outcome::Exited(found) if found == code), "{:?}", done.outcome);
        }
    }
}

#[test]
fn returning_is_exit_code_0() {
    for done in run_both::<V>(&command(""), &RunConfig::new()).unwrap() {
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
    }
}

#[test]
fn exit_codes_from_126_on_are_refused_by_wasi() {
    let done = run::<V>(&command("(call $exit (i32.const 126))"), &RunConfig::new()).unwrap();
    let Outcome::Trapped { trap: Trap::InvalidExitCode, error, .. } = done.outcome else { panic!("{}", done.outcome) };
    assert!(error.message().contains("invalid exit status"), "{error}");
}

#[test]
fn components_exit_with_0_or_1() {
    for (code, expected) in [(0, 0), (1, 1), (42, 1)] {
        let wasm = component(&command(&format!("(call $exit (i32.const {code}))")), Adapter::V24);
        for done in run_both::<V>(&wasm, &RunConfig::new()).unwrap() {
            assert!(matches!(done.outcome, Outcome::Exited(found) if found == expected), "{:?}", done.outcome);
        }
    }
}

#[test]
fn unreachable() {
    assert_traps(&command("unreachable"), &RunConfig::new(), Trap::Unreachable);
    assert_traps(&component(&command("unreachable"), Adapter::V24), &RunConfig::new(), Trap::Unreachable);
}

#[test]
fn memory_out_of_bounds() {
    let body = "(drop (i32.load (i32.const 0x7fffffff)))";
    assert_traps(&command(body), &RunConfig::new(), Trap::MemoryOutOfBounds);
}

#[test]
fn integer_faults() {
    let by_zero = "(drop (i32.div_s (i32.const 1) (i32.const 0)))";
    assert_traps(&command(by_zero), &RunConfig::new(), Trap::IntegerDivisionByZero);
    let overflow = "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))";
    assert_traps(&command(overflow), &RunConfig::new(), Trap::IntegerOverflow);
    let conversion = "(drop (i32.trunc_f32_s (f32.const nan)))";
    assert_traps(&command(conversion), &RunConfig::new(), Trap::BadConversionToInteger);
}

#[test]
fn table_faults() {
    let table = "(type $t (func)) (table 2 funcref)";
    let call = |index: u32| command_with(table, &format!("(call_indirect (type $t) (i32.const {index}))"));
    assert_traps(&call(0), &RunConfig::new(), Trap::IndirectCallToNull);
    assert_traps(&call(9), &RunConfig::new(), Trap::TableOutOfBounds);
    let other = "(type $t (func)) (table 1 funcref) (elem (i32.const 0) $f) (func $f (param i32))";
    assert_traps(
        &command_with(other, "(call_indirect (type $t) (i32.const 0))"),
        &RunConfig::new(),
        Trap::BadSignature,
    );
}

#[test]
fn stack_overflow() {
    let wasm = command_with("(func $f (call $f))", "(call $f)");
    assert_traps(&wasm, &RunConfig::new(), Trap::StackOverflow);
}

#[test]
fn out_of_fuel() {
    let config = RunConfig { fuel: Some(10_000), ..RunConfig::new() };
    assert_traps(&command("(loop $l (br $l))"), &config, Trap::OutOfFuel);
}

#[test]
fn fuel_is_counted() {
    let config = RunConfig { fuel: Some(10_000), ..RunConfig::new() };
    let done = run::<V>(&command("(drop (i32.const 1))"), &config).unwrap();
    assert!(matches!(done.fuel_consumed, Some(1..=100)), "{:?}", done.fuel_consumed);
}

#[test]
fn timeout_of_a_busy_guest() {
    let config = RunConfig { timeout: Some(Duration::from_millis(50)), ..RunConfig::new() };
    for done in run_both::<V>(&command("(loop $l (br $l))"), &config).unwrap() {
        assert!(matches!(done.outcome, Outcome::TimedOut), "{:?}", done.outcome);
        assert!(done.elapsed >= Duration::from_millis(50), "{:?}", done.elapsed);
    }
}

#[test]
fn timeout_of_a_sleeping_guest() {
    let config = RunConfig { timeout: Some(Duration::from_millis(50)), ..RunConfig::new() };
    let wasmtime = wasmtime_compat::by_major(<V as wasmtime_compat::CoreWasmtime>::MAJOR).unwrap();
    let done = wasmtime.compile(&sleep(), &config).unwrap().run(&config).unwrap();
    assert!(matches!(done.outcome, Outcome::TimedOut), "{:?}", done.outcome);
    assert!(done.elapsed < Duration::from_secs(60), "{:?}", done.elapsed);
}

#[test]
fn a_guest_in_time_is_not_disturbed() {
    let config = RunConfig { timeout: Some(Duration::from_secs(600)), ..RunConfig::new() };
    for done in run_both::<V>(&command(""), &config).unwrap() {
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
    }
}

#[test]
fn epoch_deadlines_count_ticks_and_nothing_else() {
    let engine = Engine::<V>::new(&Config::new().epoch_interruption(true)).unwrap();
    let wasm = wat(r#"(module (func (export "spin") (loop $l (br $l))) (func (export "quick")))"#);
    let module = Module::new(&engine, &wasm).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    let quick = instance.get_typed_func::<(), ()>(&mut store, "quick").unwrap();
    quick.call(&mut store, ()).unwrap();

    store.set_epoch_deadline(2).unwrap();
    // Another store's timeout advances the engine's epoch, which must not count here.
    let mut other = Store::new(&engine, ());
    other.set_timeout(Duration::ZERO).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    engine.increment_epoch();
    quick.call(&mut store, ()).unwrap();
    engine.increment_epoch();
    let error = quick.call(&mut store, ()).unwrap_err();
    assert_eq!(error.trap(), Some(&Trap::Interrupt), "{error:?}");
    drop(other);
}

#[test]
fn an_epoch_deadline_is_not_put_off_by_timeouts() {
    let engine = Engine::<V>::new(&Config::new().epoch_interruption(true)).unwrap();
    let wasm = wat(r#"(module (import "" "wait" (func $wait)) (func (export "run") (local $i i32)
        (call $wait)
        (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100000000))))))"#);
    let module = Module::new(&engine, &wasm).unwrap();
    let mut linker = Linker::new(&engine);
    let host = engine.clone();
    linker
        .func_wrap("", "wait", move |_: Caller<'_, V, ()>, (): ()| {
            // Both in one call of the host, so the guest's first check sees an epoch that is past its deadline.
            let mut other = Store::new(&host, ());
            other.set_timeout(Duration::ZERO)?;
            std::thread::sleep(Duration::from_millis(100));
            host.increment_epoch();
            Ok(())
        })
        .unwrap();
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(error.trap(), Some(&Trap::Interrupt), "{error:?}");
}

#[test]
fn without_a_limit_fuel_is_no_limit_on_an_engine_that_counts_it() {
    let limited = RunConfig { fuel: Some(1_000_000), ..RunConfig::new() };
    let wasmtime = wasmtime_compat::by_major(<V as wasmtime_compat::CoreWasmtime>::MAJOR).unwrap();
    let guest = wasmtime.compile(&command("(drop (i32.const 1))"), &limited).unwrap();
    for (config, counted) in [(RunConfig::new(), false), (limited, true)] {
        let done = guest.run(&config).unwrap();
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
        assert_eq!(done.fuel_consumed.is_some(), counted);
    }
}

#[test]
fn limits() {
    let wasm = command(
        r#"(if (i32.ne (memory.grow (i32.const 100)) (i32.const -1)) (then unreachable))
        (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))"#,
    );
    let config = RunConfig { limits: StoreLimits::new().memory_size(4 << 16), ..RunConfig::new() };
    let done = run::<V>(&wasm, &config).unwrap();
    assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);

    let strict = RunConfig { limits: StoreLimits::new().memory_size(4 << 16).trap_on_grow_failure(true), ..config };
    let done = run::<V>(&wasm, &strict).unwrap();
    assert!(matches!(done.outcome, Outcome::Trapped { trap: Trap::LimitExceeded, .. }), "{:?}", done.outcome);
}
