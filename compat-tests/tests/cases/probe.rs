//! The probe: what a guest sees of its preopens, through its own adapter.

use std::path::Path;

use compat_tests::{Adapter, PREVIEW1, command, component, component_with, dir, serves_only_its_own_wasi, wat};
use tempfile::{TempDir, tempdir};
use wasmtime_compat::probe::{Errno, Opened, ProbeGuest, ProbeMethod, ProbeReport, ProbedName, probe};
use wasmtime_compat::wasi::Preopen;
use wasmtime_compat::{CoreWasmtime as _, ErrorKind, Outcome, RunConfig, Trap, by_major};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::V;

/// Names of different lengths, so that one that is laid over others leaves something of them.
const FIVE: [&str; 5] = ["/first", "/a-rather-long-name", "/b", "/middling", "/end"];

/// A configuration with these preopens, a file in every second.
fn with_preopens(root: &Path, names: &[&str]) -> RunConfig {
    let mut config = RunConfig::new();
    for (at, name) in names.iter().enumerate() {
        let host = dir(root, &at.to_string());
        if at % 2 == 0 {
            std::fs::write(host.join("file.txt"), "text").unwrap();
        }
        config.wasi.preopen(Preopen::new(host, *name));
    }
    config
}

fn found(guest: &[u8], names: &[&str]) -> ProbeReport {
    let root: TempDir = tempdir().unwrap();
    let guest = ProbeGuest::for_guest(guest).unwrap();
    probe(by_major(V::MAJOR).unwrap(), &guest, &with_preopens(root.path(), names)).unwrap()
}

fn names(report: &ProbeReport) -> Vec<&ProbedName> {
    report.probed.iter().map(|preopen| &preopen.name).collect()
}

/// Asserts that every directory, and a file in every second, can be opened.
#[track_caller]
fn assert_within_reach(report: &ProbeReport, opened: Opened) {
    for (at, preopen) in report.probed.iter().enumerate() {
        assert_eq!(preopen.directory, opened, "{report:?}");
        let file = (at % 2 == 0).then(|| ("file.txt".to_owned(), opened));
        assert_eq!(preopen.file, file, "{report:?}");
    }
}

/// What adapters with the flaw make of names. All but the first are read into one place, one over the other, and each
/// but the last is then taken from there.
fn laid_over(names: &[&str]) -> Vec<ProbedName> {
    let mut place = Vec::new();
    for name in &names[1..] {
        let rest = place.split_off(name.len().min(place.len()));
        place = [name.as_bytes(), &rest].concat();
    }
    let seen = |(at, name): (usize, &&str)| {
        let seen = if at == 0 { (*name).to_owned() } else { String::from_utf8(place[..name.len()].to_vec()).unwrap() };
        if seen == **name { ProbedName::Right } else { ProbedName::Wrong { seen: Some(seen) } }
    };
    names.iter().enumerate().map(seen).collect()
}

/// A command that imports all of these functions but `without`, and allocates if asked to.
fn guest(without: &str, allocates: bool) -> Vec<u8> {
    let imports: Vec<&str> = PREVIEW1.split("(import").filter(|import| !import.contains(without)).collect();
    let realloc = r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)"#;
    let more = if allocates { realloc } else { "" };
    let imports = imports.join("(import");
    wat(&format!(r#"(module {imports} (memory (export "memory") 1 17) {more} (func (export "_start") unreachable))"#))
}

#[test]
fn five_names_are_wrong_with_an_affected_adapter_only() {
    for adapter in Adapter::served_on::<V>() {
        for allocates in [false, true] {
            let report = found(&component(&guest("nothing", allocates), *adapter), &FIVE);
            assert_eq!((report.major, report.method), (V::MAJOR, ProbeMethod::Spliced));
            assert_within_reach(&report, Opened::Yes);
            assert!(!report.extra_preopens && report.cut_short.is_none(), "{report:?}");
            let affected = report.adapter.as_ref().unwrap().affected().any(|issue| issue.id == "preopen-names");
            assert_eq!(affected, *adapter == Adapter::V24);
            if affected {
                let expected = laid_over(&FIVE);
                assert_eq!(names(&report), expected.iter().collect::<Vec<_>>());
                assert_eq!(expected[1], ProbedName::Wrong { seen: Some("/enddling-long-name".to_owned()) });
            } else {
                assert_eq!(names(&report), [&ProbedName::Right; 5]);
            }
            assert_eq!(report.ok(), !affected);
        }
    }
}

#[test]
fn two_names_are_right_everywhere() {
    for adapter in Adapter::served_on::<V>() {
        let report = found(&component(&guest("nothing", false), *adapter), &FIVE[..2]);
        assert!(report.ok() && names(&report) == [&ProbedName::Right; 2], "{report:?}");
    }
}

#[test]
fn a_module_and_no_guest_at_all_are_right() {
    for guest in [ProbeGuest::for_guest(&command("")).unwrap(), ProbeGuest::built_in()] {
        let root = tempdir().unwrap();
        let report = probe(by_major(V::MAJOR).unwrap(), &guest, &with_preopens(root.path(), &FIVE)).unwrap();
        assert!(report.ok() && report.method == ProbeMethod::BuiltIn, "{report:?}");
        assert_eq!(names(&report), [&ProbedName::Right; 5]);
        assert_within_reach(&report, Opened::Yes);
    }
}

#[test]
fn a_guest_that_cannot_write_tells_by_its_end() {
    // The first two adapters: each preopen is a run of its own.
    for adapter in Adapter::served_on::<V>().iter().take(2) {
        let report = found(&component(&guest("fd_write", *adapter == Adapter::V29), *adapter), &FIVE[2..]);
        let expected: Vec<ProbedName> = match adapter {
            Adapter::V24 => laid_over(&FIVE[2..]),
            _ => vec![ProbedName::Right; 3],
        };
        let blurred = expected.into_iter().map(|name| match name {
            ProbedName::Wrong { .. } => ProbedName::Wrong { seen: None },
            name => name,
        });
        assert_eq!(names(&report), blurred.collect::<Vec<_>>().iter().collect::<Vec<_>>(), "{report:?}");
        assert_within_reach(&report, Opened::Yes);
        assert!(report.cut_short.is_none());
    }
}

#[test]
fn what_the_guest_does_not_use_is_not_asked() {
    let nameless = found(&component(&guest("fd_prestat_dir_name", false), Adapter::V24), &FIVE);
    assert!(nameless.ok() && names(&nameless) == [&ProbedName::NotUsed; 5], "{nameless:?}");
    assert_within_reach(&nameless, Opened::Yes);
    let closed = found(&component(&guest("path_open", false), Adapter::V24), &FIVE[..2]);
    assert!(closed.ok() && names(&closed) == [&ProbedName::Right; 2], "{closed:?}");
    assert_within_reach(&closed, Opened::NotUsed);
    let hello = r#"(module (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
        (memory (export "memory") 1) (func (export "_start")))"#;
    let nothing = found(&component(&wat(hello), Adapter::V24), &FIVE);
    assert!(nothing.ok() && nothing.method == ProbeMethod::Nothing, "{nothing:?}");
}

/// A library that exports a function, described in WIT.
fn library(world: &str, imports: &str, more: &str) -> Vec<u8> {
    let mut module = wat(&format!(r#"(module {imports} {PREVIEW1} (memory (export "memory") 1) {more})"#));
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", world).unwrap();
    let world = resolve.select_world(&[package], Some("test")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    module
}

#[test]
fn libraries_are_probed_too() {
    let world = "package a:b; world test { export answer: func() -> u32; }";
    let answer = r#"(func (export "answer") (result i32) unreachable) (func (export "_initialize") unreachable)"#;
    for (adapter, affected) in [
        (adapter_24::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER, true),
        (adapter_29::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER, false),
    ] {
        let guest = component_with(&library(world, "", answer), adapter);
        if !affected && serves_only_its_own_wasi::<V>() {
            continue;
        }
        let report = found(&guest, &FIVE);
        let expected = if affected { laid_over(&FIVE) } else { vec![ProbedName::Right; 5] };
        assert_eq!(names(&report), expected.iter().collect::<Vec<_>>());
        assert_within_reach(&report, Opened::Yes);
    }
}

#[test]
fn an_adapter_without_files_has_no_preopens() {
    let world = "package a:b; world test { export answer: func() -> u32; }";
    let answer = r#"(func (export "answer") (result i32) unreachable)"#;
    let guest = component_with(&library(world, "", answer), adapter_24::WASI_SNAPSHOT_PREVIEW1_PROXY_ADAPTER);
    let report = found(&guest, &FIVE[..2]);
    // errno `badf` and `notsup`.
    assert_eq!(names(&report), [&ProbedName::Absent(Errno(Some(8))); 2], "{report:?}");
    assert_within_reach(&report, Opened::No(Errno(Some(58))));
    assert!(!report.ok());
}

#[test]
fn what_the_host_does_not_serve_is_a_link_error() {
    let world = "package a:b; world test { import foreign: func(); export answer: func() -> u32; }";
    let answer = r#"(func (export "answer") (result i32) unreachable)"#;
    let module = library(world, r#"(import "$root" "foreign" (func))"#, answer);
    let guest = component_with(&module, adapter_24::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER);
    let root = tempdir().unwrap();
    let guest = ProbeGuest::for_guest(&guest).unwrap();
    let error = probe(by_major(V::MAJOR).unwrap(), &guest, &with_preopens(root.path(), &FIVE)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Link, "{error}");
    assert_eq!(error.missing_import().unwrap().name, "foreign");
}

#[test]
fn limits_hold_and_say_where_it_ended() {
    let root = tempdir().unwrap();
    let mut config = with_preopens(root.path(), &FIVE);
    config.fuel = Some(10);
    let wasm = component(&guest("nothing", false), Adapter::V24);
    let guest = ProbeGuest::for_guest(&wasm).unwrap();
    let report = probe(by_major(V::MAJOR).unwrap(), &guest, &config).unwrap();
    assert!(matches!(report.cut_short, Some(Outcome::Trapped { trap: Trap::OutOfFuel, .. })), "{report:?}");
    assert!(!report.ok() && names(&report) == [&ProbedName::Unknown; 5], "{report:?}");
}

#[test]
fn an_adapter_that_gives_up_says_so() {
    // Adapters have room for 128 descriptors.
    let many: Vec<String> = (0..130).map(|at| format!("/{at}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let report = found(&component(&guest("nothing", false), Adapter::V24), &many);
    assert!(
        matches!(report.cut_short, Some(Outcome::Trapped { trap: Trap::Unreachable, .. })),
        "{:?}",
        report.cut_short
    );
    assert!(!report.ok() && report.stderr.contains("unreachable executed at adapter line"), "{}", report.stderr);
}

#[test]
fn refused_preopens_are_refused_here_too() {
    let mut config = RunConfig::new();
    config.wasi.preopen(Preopen::new("does/not/exist", "/x"));
    let error = probe(by_major(V::MAJOR).unwrap(), &ProbeGuest::built_in(), &config).unwrap_err();
    assert_eq!(error.preopens().unwrap().errors().count(), 1);
}

#[test]
fn dropped_preopens_do_not_count() {
    let root = tempdir().unwrap();
    let mut config = RunConfig::new();
    config.wasi.preopen(Preopen::new("does/not/exist", "/x").optional());
    config.wasi.preopen(Preopen::new(root.path(), "/y").read_only());
    let report = probe(by_major(V::MAJOR).unwrap(), &ProbeGuest::built_in(), &config).unwrap();
    assert!(report.ok(), "{report:?}");
    let [only] = report.probed.as_slice() else { panic!("{report:?}") };
    assert_eq!((&*only.status.guest, only.fd, report.preopens.dropped().count()), ("/y", 3, 1));
}
