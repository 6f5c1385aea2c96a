//! Preopened directories: every problem of all of them at once, before anything is built, and the same on every major.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use compat_tests::{captured, component, create_file, dir, engine, print_preopens, run};
use tempfile::tempdir;
use wasmtime_compat::wasi::{Access, Duplicates, Preopen, PreopenErrors, Reason, Rights, Verdict, WasiConfig};
use wasmtime_compat::{CoreWasmtime as _, Engine, Error, ErrorKind, Outcome, Result, RunConfig, Store};

use super::V;

fn config(preopens: impl IntoIterator<Item = Preopen>) -> RunConfig {
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    config.wasi.preopens.extend(preopens);
    config
}

/// Runs the guest, which must be refused because of its preopens.
fn refused(preopens: impl IntoIterator<Item = Preopen>) -> PreopenErrors {
    let error = run::<V>(&print_preopens(), &config(preopens)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Preopens);
    error.preopens().unwrap().clone()
}

/// The guest paths the guest sees.
fn seen(config: &RunConfig) -> String {
    let done = run::<V>(&print_preopens(), config).unwrap();
    assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
    done.stdout.text().into_owned()
}

#[test]
fn missing_directory() {
    let root = tempdir().unwrap();
    let errors = refused([Preopen::new(root.path().join("gone"), "/x")]);
    let [only] = errors.report().entries() else { panic!("{errors}") };
    assert_eq!((only.verdict, only.reason()), (Verdict::Error, Some(Reason::Missing)));
    assert_eq!((&*only.guest, &*only.absolute), ("/x", &*root.path().join("gone")));
    assert!(errors.to_string().contains("gone"), "{errors}");
}

#[test]
fn every_problem_at_once() {
    let root = tempdir().unwrap();
    let good = dir(root.path(), "good");
    std::fs::write(root.path().join("file"), "").unwrap();
    let errors = refused([
        Preopen::new(&good, "/a"),
        Preopen::new(root.path().join("gone"), "/b"),
        Preopen::new(root.path().join("file"), "/c"),
        Preopen::new(&good, "/a"),
        Preopen::new(&good, ""),
        Preopen::new("", "/d"),
        Preopen::new(&good, "/a/"),
        Preopen::new(&good, "n\0ul"),
    ]);
    let reasons: Vec<_> = errors.report().entries().iter().map(|status| status.reason()).collect();
    assert_eq!(
        reasons,
        [
            None,
            Some(Reason::Missing),
            Some(Reason::NotADirectory),
            Some(Reason::DuplicateGuestPath),
            Some(Reason::EmptyGuestPath),
            Some(Reason::EmptyHostPath),
            Some(Reason::CollidingGuestPath),
            Some(Reason::NulInPath),
        ]
    );
    assert_eq!(errors.errors().count(), 7);
}

#[test]
fn optional_is_dropped_and_reported() {
    let root = tempdir().unwrap();
    let good = dir(root.path(), "good");
    let config = config([
        Preopen::new(root.path().join("gone"), "/gone").optional(),
        Preopen::new(&good, "/good"),
        Preopen::new(root.path().join("also-gone"), "/good").optional(),
    ]);
    let done = run::<V>(&print_preopens(), &config).unwrap();
    assert_eq!(done.stdout.text(), "/good\n");
    let dropped: Vec<_> = done.preopens.dropped().map(|status| (&*status.guest, status.reason())).collect();
    assert_eq!(dropped, [("/gone", Some(Reason::Missing)), ("/good", Some(Reason::Missing))]);
}

#[test]
fn create_makes_it_with_its_parents() {
    let root = tempdir().unwrap();
    let deep = root.path().join("a/b/c");
    let config = config([Preopen::new(&deep, "/c").create()]);
    let done = run::<V>(&print_preopens(), &config).unwrap();
    assert_eq!(done.preopens.entries()[0].verdict, Verdict::Created);
    assert!(deep.is_dir());
    let again = run::<V>(&print_preopens(), &config).unwrap();
    assert_eq!(again.preopens.entries()[0].verdict, Verdict::Ok);
}

#[test]
fn nothing_is_created_when_something_else_is_wrong() {
    let root = tempdir().unwrap();
    let new = root.path().join("new");
    refused([Preopen::new(&new, "/new").create(), Preopen::new(root.path().join("gone"), "/gone")]);
    assert!(!new.exists());
}

#[test]
fn the_guest_sees_them_in_order() {
    let root = tempdir().unwrap();
    let names = ["/one", "two", "."];
    let preopens = names.map(|name| Preopen::new(dir(root.path(), name.trim_matches(['/', '.'])), name));
    assert_eq!(seen(&config(preopens)), "/one\ntwo\n.\n");
}

#[test]
fn a_component_sees_the_same() {
    let root = tempdir().unwrap();
    let config = config(["/one", "/two"].map(|name| Preopen::new(dir(root.path(), &name[1..]), name)));
    let done = run::<V>(&component(&print_preopens(), compat_tests::Adapter::V24), &config).unwrap();
    assert_eq!(done.stdout.text(), "/one\n/two\n");
}

#[test]
fn last_wins() {
    let root = tempdir().unwrap();
    let (first, second) = (dir(root.path(), "first"), dir(root.path(), "second"));
    let mut config = config([
        Preopen::new(&first, "/tmp"),
        Preopen::new(&second, "/tmp"),
        Preopen::new(root.path().join("gone"), "/tmp").optional(),
    ]);
    config.wasi.preopens.set_duplicates(Duplicates::LastWins);
    let done = run::<V>(&create_file(), &config).unwrap();
    assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
    assert!(second.join("new").exists() && !first.join("new").exists());
    assert_eq!(done.preopens.entries()[0].reason(), Some(Reason::DuplicateGuestPath));
}

#[test]
fn read_only_is_enforced() {
    let root = tempdir().unwrap();
    let code = |preopen| match run::<V>(&create_file(), &config([preopen])).unwrap().outcome {
        Outcome::Exited(code) => code,
        other => panic!("{other}"),
    };
    // errno `perm`.
    assert_eq!(code(Preopen::new(root.path(), "/").read_only()), 63);
    assert!(!root.path().join("new").exists());
    assert_eq!(code(Preopen::new(root.path(), "/")), 0);
    assert!(root.path().join("new").exists());
}

#[test]
fn rights_on_directories_and_files_apart() {
    let root = tempdir().unwrap();
    let run = |directories, files| {
        let preopen = Preopen::new(root.path(), "/").access(Access::Apart { directories, files });
        run::<V>(&create_file(), &config([preopen])).map(|completed| completed.outcome)
    };
    let exited = |outcome: Result<Outcome>, code| assert!(matches!(outcome, Ok(Outcome::Exited(is)) if is == code));
    exited(run(Rights::Read, Rights::Read), 63);
    assert!(!root.path().join("new").exists());
    if V::MAJOR < 48 {
        exited(run(Rights::Read, Rights::ReadWrite), 63);
        assert!(!root.path().join("new").exists());
    } else {
        let error = run(Rights::Read, Rights::ReadWrite).unwrap_err();
        assert_eq!(error.unsupported().and_then(|unsupported| unsupported.until), Some(47), "{error:?}");
    }
    exited(run(Rights::ReadWrite, Rights::ReadWrite), 0);
    assert!(root.path().join("new").exists());
}

#[test]
fn stores_check_as_commands_do() {
    let mut wasi = WasiConfig::new();
    wasi.preopen(Preopen::new("does/not/exist", "/x"));
    let error = Store::with_wasi(&engine::<V>(), (), &wasi).unwrap_err();
    assert_eq!(error.preopens().unwrap().errors().count(), 1);
}

/// How a store fails whose directory is moved away between the check and its opening: as soon as another directory is
/// there, which is created when everything has been judged. The directories in between are opened first, one after the
/// other; if the other thread is late all the same, the store does not fail.
fn vanishing(engine: &Engine<V>) -> Option<Error> {
    let root = tempdir().unwrap();
    let (new, here, others) = (root.path().join("new"), dir(root.path(), "here"), dir(root.path(), "others"));
    let mut wasi = WasiConfig::new();
    wasi.preopen(Preopen::new(&new, "/new").create());
    for number in 0..200 {
        wasi.preopen(Preopen::new(&others, format!("/{number}")));
    }
    wasi.preopen(Preopen::new(&here, "/x"));
    let ready = Barrier::new(2);
    std::thread::scope(|scope| {
        let mover = scope.spawn(|| {
            ready.wait();
            let start = Instant::now();
            while !new.exists() && start.elapsed() < Duration::from_secs(60) {
                std::hint::spin_loop();
            }
            std::fs::rename(&here, root.path().join("away"))
        });
        ready.wait();
        let store = Store::with_wasi(engine, (), &wasi);
        let moved = mover.join().unwrap();
        // Windows forbids it once the directory is open.
        assert!(moved.is_ok() || cfg!(windows), "{moved:?}");
        store.err()
    })
}

#[test]
fn a_directory_that_vanishes_is_the_same_typed_error() {
    let engine = engine::<V>();
    let error = (0..100).find_map(|_| vanishing(&engine)).expect("the directory was never moved in time");
    let entries = error.preopens().unwrap().report().entries();
    let reasons: Vec<_> = entries.iter().filter_map(|entry| Some((&*entry.guest, entry.reason()?))).collect();
    assert_eq!(reasons, [("/x", Reason::Missing)]);
}

/// As [`Preopen`] documents.
#[test]
fn a_preopened_directory_can_be_renamed_where_the_system_permits_it() {
    let root = tempdir().unwrap();
    let (here, away) = (dir(root.path(), "here"), root.path().join("away"));
    let mut wasi = WasiConfig::new();
    wasi.preopen(Preopen::new(&here, "/x"));
    let store = Store::with_wasi(&engine::<V>(), (), &wasi).unwrap();
    let renamed = std::fs::rename(&here, &away);
    assert_eq!(renamed.is_err(), cfg!(windows), "{renamed:?}");
    drop(store);
    if renamed.is_err() {
        std::fs::rename(&here, &away).unwrap();
    }
    assert!(away.is_dir());
}

#[test]
fn files_and_devices_are_not_directories() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("file"), "").unwrap();
    let device = if cfg!(windows) { "NUL" } else { "/dev/null" };
    let file = root.path().join("file");
    let errors = refused([
        Preopen::new(&file, "/a"),
        Preopen::new(file.join(""), "/b"),
        Preopen::new(file.join("sub"), "/c"),
        Preopen::new(file.join("sub"), "/d").create(),
        Preopen::new(device, "/e"),
        Preopen::new(device, "/f").create(),
    ]);
    let reasons: Vec<_> = errors.report().entries().iter().map(|status| status.reason()).collect();
    assert_eq!(reasons, [Some(Reason::NotADirectory); 6], "{errors:#}");
}
