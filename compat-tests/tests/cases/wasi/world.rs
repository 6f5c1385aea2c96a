//! The guest's world: streams, captured output with a bound, arguments, environment; configs are plain data.

use std::time::Duration;

use compat_tests::{
    Adapter, PRINT, async_engine, captured, cat, command, command_with, component, engine, print_preopens, run,
    run_both, runtime, zeroes,
};
use tempfile::tempdir;
use wasmtime_compat::wasi::{Preopen, Stdin, Stdout, TextReason};
use wasmtime_compat::{Command, ErrorKind, Outcome, RunConfig, Store, Trap};

use super::V;

fn with_stdin(stdin: Stdin) -> RunConfig {
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    config.wasi.stdin(stdin);
    config
}

#[test]
fn stdin_from_bytes_a_file_and_nothing() {
    let root = tempdir().unwrap();
    let path = root.path().join("input");
    let text = "line\n".repeat(5000);
    std::fs::write(&path, &text).unwrap();
    for wasm in [cat(), component(&cat(), Adapter::V24)] {
        for (stdin, expected) in
            [(Stdin::bytes(text.clone()), text.as_str()), (Stdin::File(path.clone()), &text), (Stdin::Null, "")]
        {
            for done in run_both::<V>(&wasm, &with_stdin(stdin)).unwrap() {
                assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
                assert_eq!(done.stdout.text(), expected);
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn stdin_from_a_named_pipe() {
    let root = tempdir().unwrap();
    let path = root.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let text = "line\n".repeat(50_000);
    for wasm in [cat(), component(&cat(), Adapter::V24)] {
        let done = std::thread::scope(|scope| {
            // Opening it waits until the guest reads.
            scope.spawn(|| std::fs::write(&path, &text).unwrap());
            run::<V>(&wasm, &with_stdin(Stdin::File(path.clone()))).unwrap()
        });
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
        assert_eq!(done.stdout.text(), text);
    }

    // Nobody writes.
    let config = RunConfig { timeout: Some(Duration::from_millis(50)), ..with_stdin(Stdin::File(path)) };
    let wasmtime = wasmtime_compat::by_major(<V as wasmtime_compat::CoreWasmtime>::MAJOR).unwrap();
    let done = wasmtime.compile(&cat(), &config).unwrap().run(&config).unwrap();
    assert!(matches!(done.outcome, Outcome::TimedOut), "{:?}", done.outcome);
}

#[test]
fn stdin_from_a_directory() {
    let root = tempdir().unwrap();
    let error = run::<V>(&cat(), &with_stdin(Stdin::File(root.path().into()))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}

#[test]
fn a_guest_cannot_have_the_host_make_more_zeroes_than_it_may_write() {
    let config = RunConfig { wasi: captured(), ..RunConfig::new() };
    for done in run_both::<V>(&zeroes(1000), &config).unwrap() {
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
        assert_eq!(done.stdout.bytes, [0; 1000]);
    }
    for count in [1 << 46, u64::MAX] {
        for done in run_both::<V>(&zeroes(count), &config).unwrap() {
            assert!(
                matches!(done.outcome, Outcome::Trapped { trap: Trap::InvalidOperation, .. }),
                "{:?}",
                done.outcome
            );
            assert_eq!(done.stdout.total, 0);
        }
    }
}

#[test]
fn stdin_from_a_missing_file() {
    let error = run::<V>(&cat(), &with_stdin(Stdin::File("does/not/exist".into()))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.message().contains("does/not/exist"), "{error}");
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    assert_eq!(cause.map(std::io::Error::kind), Some(std::io::ErrorKind::NotFound), "{error:?}");
}

#[test]
fn captured_output_has_a_bound_and_counts_the_rest() {
    let text = vec![b'x'; 100_000];
    for wasm in [cat(), component(&cat(), Adapter::V24)] {
        let mut config = with_stdin(Stdin::bytes(text.clone()));
        config.wasi.stdout(Stdout::capture(1000));
        for done in run_both::<V>(&wasm, &config).unwrap() {
            assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
            assert_eq!((done.stdout.bytes.len(), done.stdout.total, done.stdout.dropped()), (1000, 100_000, 99_000));
        }
    }
}

#[test]
fn output_to_nowhere() {
    let mut config = with_stdin(Stdin::bytes("text"));
    config.wasi.stdout(Stdout::Null);
    let done = run::<V>(&cat(), &config).unwrap();
    assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
    assert_eq!(done.stdout.total, 0);
}

#[test]
fn arguments_and_environment() {
    let strings = |sizes: &str, get: &str| {
        format!(
            "(if (call {sizes} (i32.const 24) (i32.const 28)) (then unreachable))
            (if (call {get} (i32.const 2048) (i32.const 4096)) (then unreachable))
            (call $print (i32.const 4096) (i32.load (i32.const 28)))"
        )
    };
    let body = strings("$args_sizes", "$args") + &strings("$environ_sizes", "$environ");
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    config.wasi.args(["guest", "one", "ümlaut"]).env("A", "1").env("B", "2").env("A", "3");
    for done in run_both::<V>(&command_with(PRINT, &body), &config).unwrap() {
        assert_eq!(done.stdout.text(), "guest\0one\0ümlaut\0B=2\0A=3\0");
    }
}

#[test]
fn text_that_cannot_be_passed() {
    let root = tempdir().unwrap();
    let new = root.path().join("new");
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    config.wasi.arg("guest").arg("a\0b").env("C", "y\0Z=1").env("A\0B", "x").env("D=E", "f").env("", "e");
    config.wasi.preopen(Preopen::new(&new, "/new").create());
    // It would trap, if it were started.
    let wasm = command("unreachable");
    let asynchronous = Command::new(&async_engine::<V>(), &wasm).unwrap();
    let errors = [
        run::<V>(&wasm, &config).unwrap_err(),
        run::<V>(&component(&wasm, Adapter::V24), &config).unwrap_err(),
        runtime().block_on(asynchronous.run_async(&config)).unwrap_err(),
        Store::with_wasi(&engine::<V>(), (), &config.wasi).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let reasons: Vec<_> = error.text().unwrap().problems().iter().map(|problem| problem.reason).collect();
        let expected = [
            TextReason::NulInArgument,
            TextReason::NulInValue,
            TextReason::NulInName,
            TextReason::EqualsInName,
            TextReason::EmptyName,
        ];
        assert_eq!(reasons, expected);
    }
    assert!(!new.exists());
}

#[test]
fn one_config_serves_any_number_of_runs() {
    let config = with_stdin(Stdin::bytes("again"));
    let copy = config.clone();
    for config in [&config, &config, &copy] {
        assert_eq!(run::<V>(&cat(), config).unwrap().stdout.text(), "again");
    }
}

#[test]
fn output_before_a_trap_is_kept() {
    let body = r#"(call $print (i32.const 200) (i32.const 5)) unreachable"#;
    let wasm = command_with(&format!(r#"{PRINT} (data (i32.const 200) "alive")"#), body);
    let config = RunConfig { wasi: captured(), ..RunConfig::new() };
    for done in run_both::<V>(&wasm, &config).unwrap() {
        assert!(matches!(done.outcome, Outcome::Trapped { .. }), "{:?}", done.outcome);
        assert_eq!(done.stdout.text(), "alive");
    }
}

#[test]
fn without_preopens_there_are_none() {
    let config = RunConfig { wasi: captured(), ..RunConfig::new() };
    let done = run::<V>(&print_preopens(), &config).unwrap();
    assert_eq!((done.stdout.total, done.preopens.entries().len()), (0, 0));
}

#[test]
fn renumbering_onto_a_closed_descriptor() {
    let wasm = compat_tests::wat(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_renumber" (func $renumber (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (func (export "_start") (call $exit (call $renumber (i32.const 2) (i32.const 9)))))"#,
    );
    for done in run_both::<V>(&wasm, &RunConfig::new()).unwrap() {
        // errno `badf`.
        assert!(matches!(done.outcome, Outcome::Exited(8)), "{:?}", done.outcome);
    }
}
