//! Guests that ask for too much: each ends the same on every major, the host lives on, and its memory stays small.
//! Several end the process on the majors' own WASI (RUSTSEC-2026-0020, RUSTSEC-2026-0114).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use compat_tests::hostile::{self, Ending, Hostile, Setting, ended, peak};
use compat_tests::{Adapter, command, command_with, component, not_applicable, run, run_both, runtime, wat};
use tempfile::tempdir;
use wasmtime_compat::wasi::Stdout;
use wasmtime_compat::{Command, CoreWasmtime, Engine, ErrorKind, Outcome, Result, RunConfig, StoreLimits, Trap};

use super::V;

/// What the host may take for one of them, in bytes, beyond what it had: a memory of 256 MiB that a guest fills, what
/// one call may copy, and as much again.
const MOST: u64 = 768 << 20;

/// How a guest ends on a synchronous and on an async engine; an error if it is not started.
fn outcomes(wasm: &[u8], config: &RunConfig) -> [Result<Outcome>; 2] {
    let run = |is_async: bool| {
        let engine = Engine::<V>::new(&config.engine_config().async_support(is_async))?;
        let command = Command::new(&engine, wasm)?;
        if !is_async {
            return Ok(command.run(config)?.outcome);
        }
        let runtime = runtime();
        let done = runtime.block_on(command.run_async(config));
        // A thread of it may wait for the other end of a pipe.
        runtime.shutdown_background();
        Ok(done?.outcome)
    };
    [run(false), run(true)]
}

fn shown(outcome: &Result<Outcome>) -> String {
    match outcome {
        Ok(outcome) => outcome.to_string(),
        Err(error) => format!("not started: {}", error.message()),
    }
}

#[test]
fn each_ends_the_same_and_the_host_lives_on() {
    let mut wrong = Vec::new();
    // The standard input of the suite may be a terminal, whose reader waits.
    let in_suite = |guest: &Hostile| guest.is_quick() && guest.setting != Setting::InheritedInput;
    for guest in hostile::all().into_iter().filter(in_suite) {
        let root = hostile::directory().unwrap();
        let (wasm, config) = (guest.wasm(), guest.config(root.path()));
        let before = peak();
        let started = Instant::now();
        let outcomes = outcomes(&wasm, &config);
        let (seconds, most) = (started.elapsed().as_secs_f64(), peak());
        let shown: Vec<String> = outcomes.iter().map(shown).collect();
        println!("hostile {} {} {seconds:.2} s {} MiB {shown:?}", <V as CoreWasmtime>::MAJOR, guest.name, most >> 20);
        let right = outcomes.iter().all(|outcome| ended(guest.ending, outcome.as_ref().ok()));
        if !right || most > before + MOST {
            wrong.push(format!("{}: {shown:?} instead of {:?}, {most} bytes", guest.name, guest.ending));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let done = run::<V>(&command(""), &RunConfig::new()).unwrap();
    assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
}

#[test]
fn open_files_are_counted() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("f"), "hello").unwrap();
    let open = |close: &str| {
        compat_tests::wat(&format!(
            r#"(module
                (import "wasi_snapshot_preview1" "path_open"
                    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
                (memory (export "memory") 1)
                (data (i32.const 64) "f")
                (func (export "_start") (local $left i32)
                    (local.set $left (i32.const 200))
                    (loop $again
                        (if (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0)
                                (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 72))
                            (then unreachable))
                        {close}
                        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))"#
        ))
    };
    let config = RunConfig { limits: StoreLimits::new().handles(100), ..hostile::config(root.path()) };
    for done in run_both::<V>(&open(""), &config).unwrap() {
        assert!(matches!(done.outcome, Outcome::Trapped { trap: Trap::LimitExceeded, .. }), "{:?}", done.outcome);
    }
    let closing = open("(drop (call $close (i32.load (i32.const 72))))");
    for done in run_both::<V>(&closing, &config).unwrap() {
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
    }
}

#[test]
fn a_limit_can_be_lifted_by_name() {
    let grow = command_with(
        "(table $t 1 funcref)",
        "(if (i32.eq (table.grow $t (ref.null func) (i32.const 20000000)) (i32.const -1)) (then unreachable))",
    );
    let outcome = run::<V>(&grow, &RunConfig::new()).unwrap().outcome;
    assert!(matches!(outcome, Outcome::Trapped { .. }), "{outcome:?}");
    let limits = StoreLimits::new().total_table_elements(usize::MAX);
    let outcome = run::<V>(&grow, &RunConfig { limits, ..RunConfig::new() }).unwrap().outcome;
    assert!(matches!(outcome, Outcome::Exited(0)), "{outcome:?}");
}

/// Where garbage collection is on by default, its heap is memory of the store.
#[test]
fn the_heap_of_collected_objects_is_limited() {
    let wasm = wat(r#"(module
        (type $bytes (array (mut i64)))
        (rec (type $node (struct (field (ref null $node)) (field (ref $bytes)))))
        (global $list (mut (ref null $node)) (ref.null $node))
        (func (export "_start")
            (loop $again
                (global.set $list
                    (struct.new $node (global.get $list) (array.new_default $bytes (i32.const 1000000))))
                (br $again))))"#);
    let limits = StoreLimits::new().total_memory_bytes(100 << 20);
    match run::<V>(&wasm, &RunConfig { limits, ..RunConfig::new() }) {
        Ok(done) => assert!(matches!(done.outcome, Outcome::Trapped { trap: Trap::LimitExceeded, .. }), "{done:?}"),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidGuest, "{error:?}");
            assert!(V::MAJOR < 47, "the proposal is on by default: {error:?}");
            not_applicable("garbage collection is off by default before Wasmtime 47");
        }
    }
}

#[test]
fn a_guest_that_ends_late_has_timed_out() {
    // One instruction, which nothing interrupts.
    let fill = command(
        "(drop (memory.grow (i32.const 4096))) (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x10000000))",
    );
    let config = RunConfig { timeout: Some(Duration::from_millis(1)), ..RunConfig::new() };
    let outcome = run::<V>(&fill, &config).unwrap().outcome;
    assert!(matches!(outcome, Outcome::TimedOut), "{outcome:?}");
}

/// Calls of the host in a row, without a loop or a call of a function of the guest's between them.
#[test]
fn a_call_that_ends_late_is_the_last() {
    let late = wat(r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 150)
        (data (i32.const 0) "\10\00\00\00\04\00\00\00")
        (data (i32.const 16) "late")
        (func (export "_start")
            (drop (call $random (i32.const 65536) (i32.const 0x800000)))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#);
    let mut config = RunConfig { timeout: Some(Duration::from_millis(50)), ..RunConfig::new() };
    config.wasi.stdout(Stdout::capture(10));
    for done in run_both::<V>(&late, &config).unwrap() {
        assert!(matches!(done.outcome, Outcome::TimedOut), "{:?}", done.outcome);
        assert_eq!(done.stdout.bytes, b"");
    }
}

/// The same where the host takes long to write, in a module and in the component that an adapter makes of it.
#[test]
fn a_write_that_ends_late_is_the_last() {
    let module = command_with(
        r#"(data (i32.const 0) "\10\00\00\00\04\00\00\00late")"#,
        "(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))",
    );
    for wasm in [module.clone(), component(&module, Adapter::V24)] {
        let writes = Arc::new(AtomicUsize::new(0));
        let mut config = RunConfig { timeout: Some(Duration::from_millis(100)), ..RunConfig::new() };
        let counted = Arc::clone(&writes);
        config.wasi.stdout(Stdout::callback(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(300));
        }));
        for done in run_both::<V>(&wasm, &config).unwrap() {
            assert!(matches!(done.outcome, Outcome::TimedOut), "{:?}", done.outcome);
        }
        assert_eq!(writes.load(Ordering::Relaxed), 2, "one write of each run");
    }
}

#[test]
fn every_ending_is_told_apart() {
    assert!(ended(Ending::Code(1), Some(&Outcome::Exited(1))) && !ended(Ending::Code(1), Some(&Outcome::Exited(0))));
    assert!(!ended(Ending::Stopped, Some(&Outcome::Exited(0))) && !ended(Ending::Stopped, None));
    assert!(ended(Ending::Refused, None) && !ended(Ending::Refused, Some(&Outcome::TimedOut)));
    assert!(ended(Ending::CodeOrStopped(0), Some(&Outcome::Exited(0))) && !ended(Ending::CodeOrStopped(0), None));
    assert!(!ended(Ending::CodeOrStopped(0), Some(&Outcome::Exited(1))));
    assert!(ended(Ending::TimedOut, Some(&Outcome::TimedOut)) && !ended(Ending::TimedOut, None));
    assert!(ended(Ending::TimedOutOrRefused, None) && !ended(Ending::TimedOutOrRefused, Some(&Outcome::Exited(0))));
}
