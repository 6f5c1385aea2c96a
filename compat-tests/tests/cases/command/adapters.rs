//! A component whose adapter would give it wrong names of its preopens is not started, unless that is asked for.

use tempfile::tempdir;
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::report::AdapterIdentity;
use wasmtime_compat::wasi::{Preopen, Stdout};
use wasmtime_compat::{Command, Config, Engine, ErrorKind, Outcome, RunConfig, Store};

use super::V;
use compat_tests::{Adapter, component, create_file, print_preopens};

const NAMES: [&str; 5] = ["/in", "/data/sets", "/out", ".", "/tmp/a"];

/// What a guest reads for these names behind a broken adapter: one name over the other, the longest still showing.
const SEEN: [&str; 5] = ["/in", "/tmp/asets", "/tmp", "/", "/tmp/a"];

fn command(adapter: Adapter) -> Command<V> {
    let engine = Engine::<V>::new(&Config::new()).unwrap();
    Command::new(&engine, &component(&print_preopens(), adapter)).unwrap()
}

fn config(host: &std::path::Path, names: &[&str]) -> RunConfig {
    let mut config = RunConfig::new();
    config.wasi.stdout(Stdout::capture(1 << 10));
    for name in names {
        config.wasi.preopen(Preopen::new(host, *name));
    }
    config
}

fn lines(names: &[&str]) -> String {
    names.iter().map(|name| format!("{name}\n")).collect()
}

#[test]
fn a_broken_adapter_is_refused_before_the_start() {
    let host = tempdir().unwrap();
    let error = command(Adapter::V24).run(&config(host.path(), &NAMES)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenAdapter);
    let broken = error.broken_adapter().unwrap();
    assert_eq!(broken.adapter, AdapterIdentity::Exact("24.0.13".parse().unwrap()));
    assert_eq!(broken.issue.id, "preopen-names");
    let (given, seen): (Vec<_>, Vec<_>) =
        broken.preopens.iter().map(|preopen| (preopen.guest.as_str(), preopen.seen.as_str())).unzip();
    assert_eq!((given.as_slice(), seen.as_slice()), (&NAMES[..], &SEEN[..]));
    assert!(
        error.message().contains("24.0.13") && error.message().contains(r#""/data/sets" as "/tmp/asets""#),
        "{error}"
    );
    let hint = error.hint().unwrap();
    assert!(hint.contains("29.0.1") && hint.contains("allow_broken_adapter") && hint.contains("10058"), "{hint}");
}

/// The refusal says what would have happened, so it must be what does happen when it is allowed.
#[test]
fn what_is_said_of_the_names_is_what_the_guest_reads() {
    let host = tempdir().unwrap();
    let command = command(Adapter::V24);
    for count in 3..=NAMES.len() {
        let mut config = config(host.path(), &NAMES[..count]);
        let error = command.run(&config).unwrap_err();
        let said: Vec<_> =
            error.broken_adapter().unwrap().preopens.iter().map(|preopen| preopen.seen.as_str()).collect();
        config.wasi.allow_broken_adapter(true);
        let done = command.run(&config).unwrap();
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{done:?}");
        assert_eq!(done.stdout.text(), lines(&said), "{count} preopens");
    }
}

#[test]
fn with_two_preopens_it_runs_with_a_warning() {
    let host = tempdir().unwrap();
    let done = command(Adapter::V24).run(&config(host.path(), &NAMES[..2])).unwrap();
    assert_eq!(done.stdout.text(), lines(&NAMES[..2]));
    let warning = done.adapter_warnings.iter().find(|warning| warning.issue.id == "preopen-names").unwrap();
    assert_eq!(warning.adapter.to_string(), "24.0.13");
}

#[test]
fn good_adapters_and_modules_run_with_any_number() {
    let host = tempdir().unwrap();
    for adapter in Adapter::served_on::<V>().iter().filter(|adapter| **adapter != Adapter::V24) {
        let done = command(*adapter).run(&config(host.path(), &NAMES)).unwrap();
        assert_eq!(done.stdout.text(), lines(&NAMES), "{adapter:?}");
        assert!(done.adapter_warnings.iter().all(|warning| warning.issue.id != "preopen-names"));
    }
    let engine = Engine::<V>::new(&Config::new()).unwrap();
    let done = Command::new(&engine, &print_preopens()).unwrap().run(&config(host.path(), &NAMES)).unwrap();
    assert_eq!(done.stdout.text(), lines(&NAMES));
    assert!(done.adapter_warnings.is_empty());
}

/// A guest that does not ask for the names cannot be told wrong ones.
#[test]
fn a_guest_that_never_asks_is_not_refused() {
    let host = tempdir().unwrap();
    let engine = Engine::<V>::new(&Config::new()).unwrap();
    let text = r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $get (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start") (if (call $get (i32.const 0) (i32.const 4)) (then unreachable))))"#;
    let guest = component(&compat_tests::wat(text), Adapter::V24);
    let done = Command::new(&engine, &guest).unwrap().run(&config(host.path(), &NAMES)).unwrap();
    assert!(matches!(done.outcome, Outcome::Exited(0)), "{done:?}");
    // This one imports the function, whether it calls it or not.
    let guest = component(&create_file(), Adapter::V24);
    let error = Command::new(&engine, &guest).unwrap().run(&config(host.path(), &NAMES)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenAdapter);
}

/// Also without `Command`, on a store of one's own.
#[test]
fn instances_are_guarded_too() {
    let host = tempdir().unwrap();
    let engine = Engine::<V>::new(&Config::new()).unwrap();
    let guest = Component::new(&engine, &component(&print_preopens(), Adapter::V24)).unwrap();
    assert!(guest.adapter_warnings().iter().any(|warning| warning.issue.id == "preopen-names"));
    let mut linker = component::Linker::new(&engine);
    linker.add_wasi().unwrap();
    let pre = linker.instantiate_pre(&guest).unwrap();
    let mut wasi = config(host.path(), &NAMES).wasi;
    let mut store = Store::with_wasi(&engine, (), &wasi).unwrap();
    assert_eq!(pre.instantiate(&mut store).unwrap_err().kind(), ErrorKind::BrokenAdapter);
    wasi.allow_broken_adapter(true);
    let mut store = Store::with_wasi(&engine, (), &wasi).unwrap();
    pre.instantiate(&mut store).unwrap();
}
