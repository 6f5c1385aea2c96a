//! How much text a guest can get through its adapter: at the bound it works, beyond the bound the guest is aborted, and
//! a warning says so before.

use compat_tests::{Adapter, captured, component, dir, engine, wat};
use tempfile::tempdir;
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::report::{GuestReport, IssueStatus, StringBounds, StringKind};
use wasmtime_compat::wasi::Preopen;
use wasmtime_compat::{AdapterWarning, Command, Outcome, RunConfig};

use super::V;

const ISSUE: &str = "long-string-abort";

/// A guest that asks for its arguments, its environment and the names of its preopens. It has room for them.
fn reader() -> Vec<u8> {
    wat(r#"(module
        (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $dir_name (param i32 i32 i32) (result i32)))
        (memory (export "memory") 16)
        (func (export "_start") (local $fd i32)
            (if (call $args_sizes (i32.const 24) (i32.const 28)) (then unreachable))
            (if (call $args (i32.const 65536) (i32.const 262144)) (then unreachable))
            (if (call $environ_sizes (i32.const 24) (i32.const 28)) (then unreachable))
            (if (call $environ (i32.const 65536) (i32.const 262144)) (then unreachable))
            (local.set $fd (i32.const 3))
            (block $done
                (loop $next
                    (br_if $done (call $prestat (local.get $fd) (i32.const 24)))
                    (if (call $dir_name (local.get $fd) (i32.const 262144) (i32.load (i32.const 28)))
                        (then unreachable))
                    (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
                    (br $next)))))"#)
}

fn bounds(guest: &[u8]) -> StringBounds {
    let report = GuestReport::parse(guest).unwrap();
    let issue = report.adapters[0].issues.iter().find(|issue| issue.issue.id == ISSUE).unwrap();
    assert_eq!(issue.status, IssueStatus::Affected);
    assert!(issue.issue.fixed.is_none() && issue.issue.link.contains("8556"));
    report.adapters[0].string_bounds().unwrap()
}

fn text(length: usize) -> String {
    "x".repeat(length)
}

/// What is too long in a run, once by each way to ask; the run is aborted just then.
#[track_caller]
fn overflow(command: &Command<V>, guest: &[u8], config: &RunConfig) -> Option<(StringKind, usize, usize)> {
    let done = command.run(config).unwrap();
    let of = |warnings: Vec<AdapterWarning>| {
        warnings.into_iter().find(|warning| warning.issue.id == ISSUE).map(|warning| warning.overflow.unwrap())
    };
    let found = of(command.adapter_warnings_in(config));
    assert_eq!(of(AdapterWarning::of_strings(guest, &config.wasi)), found);
    assert_eq!(of(done.adapter_warnings.clone()), found);
    let aborted = !matches!(done.outcome, Outcome::Exited(0));
    assert_eq!(aborted, found.is_some(), "{found:?}, but {:?}", done.outcome);
    found.map(|overflow| (overflow.kind, overflow.bytes, overflow.most))
}

#[test]
fn the_bounds_are_where_guests_are_aborted() {
    let host = tempdir().unwrap();
    for adapter in Adapter::served_on::<V>() {
        let guest = component(&reader(), *adapter);
        let command = Command::<V>::new(&engine(), &guest).unwrap();
        let StringBounds { argument, variable, preopen_name, total, .. } = bounds(&guest);
        let page = argument + 8;
        assert_eq!((variable, preopen_name, total), (page - 16, page - 12, None));
        assert!((59_000..59_100).contains(&page), "{adapter:?}: {page}");
        let overflow = |set: &dyn Fn(&mut RunConfig)| {
            let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
            set(&mut config);
            overflow(&command, &guest, &config)
        };

        // One string alone.
        let args = |length: usize| {
            overflow(&|config| {
                config.wasi.arg(text(length));
            })
        };
        assert_eq!((args(argument), args(argument + 1)), (None, Some((StringKind::Argument, argument + 1, argument))));
        let value = |length: usize| {
            overflow(&|config| {
                config.wasi.env("V", text(length));
            })
        };
        let too_long = (StringKind::VariableValue, variable + 1, variable);
        assert_eq!((value(variable), value(variable + 1)), (None, Some(too_long)));
        let name = |length: usize| {
            overflow(&|config| {
                config.wasi.env(text(length), "");
            })
        };
        let too_long = (StringKind::VariableName, variable + 1, variable);
        assert_eq!((name(variable), name(variable + 1)), (None, Some(too_long)));
        let preopens = |lengths: &[usize]| {
            overflow(&|config| {
                for (index, length) in (0..).zip(lengths) {
                    let path = dir(host.path(), &format!("{index}"));
                    config.wasi.preopen(Preopen::new(path, format!("{index}{}", text(length - 1))));
                }
            })
        };
        let too_long = (StringKind::PreopenName, preopen_name + 1, preopen_name);
        assert_eq!((preopens(&[preopen_name]), preopens(&[preopen_name + 1])), (None, Some(too_long)));

        // Several: the list takes from the room of the strings, and of preopens two names must fit in.
        let values = |length: usize| {
            overflow(&|config| {
                config.wasi.env("A", text(length)).env("B", text(length));
            })
        };
        assert_eq!(values(variable - 16), None);
        assert_eq!(values(variable - 15), Some((StringKind::VariableValue, variable - 15, variable - 16)));
        let half = (page - 2 * 12) / 2;
        assert_eq!(preopens(&[half, half]), None);
        let too_long = (StringKind::PreopenNames, 2 * half + 1, page - 2 * 12);
        assert_eq!(preopens(&[half, half + 1]), Some(too_long));

        // Many: nothing is left for the strings, whatever their length.
        let many = |count: usize| {
            overflow(&|config| {
                config.wasi.args((0..count).map(|_| ""));
            })
        };
        let most = page / 8;
        // Up to 25 an adapter that has no byte left takes no string, not even an empty one.
        assert_eq!((many(most - 1), many(most + 1)), (None, Some((StringKind::Arguments, 8 * (most + 1), page))));

        // What was too much up to 21: 90 000 bytes in all.
        let all = |config: &mut RunConfig| {
            config.wasi.args([text(30_000), text(30_000)]).env("A", text(30_000));
        };
        assert_eq!(overflow(&all), None);
    }
}

#[test]
fn what_a_guest_does_not_ask_for_may_be_long() {
    let quiet = wat(r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start") (drop (call $get (i32.const 0) (i32.const 4)))
            (drop (call $args_sizes (i32.const 8) (i32.const 16)))))"#);
    let guest = component(&quiet, Adapter::V24);
    let command = Command::<V>::new(&engine(), &guest).unwrap();
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    config.wasi.env("V", text(70_000));
    assert_eq!(overflow(&command, &guest, &config), None);
    config.wasi.arg(text(70_000));
    assert_eq!(overflow(&command, &guest, &config), Some((StringKind::Argument, 70_000, 59_024)));
    // A core module has no adapter.
    let module = Command::<V>::new(&engine(), &quiet).unwrap();
    assert_eq!(overflow(&module, &quiet, &config), None);
}

/// Also without `Command`, and for precompiled components.
#[test]
fn instances_are_warned_of_too() {
    let engine = engine::<V>();
    let guest = component(&reader(), Adapter::V24);
    let bytes = engine.precompile(&guest).unwrap();
    let trusted = compat_tests::trusted(&bytes).unwrap();
    for component in [Component::new(&engine, &guest), Component::from_precompiled(&engine, &trusted)] {
        let component = component.unwrap();
        let mut linker = component::Linker::<V, ()>::new(&engine);
        linker.add_wasi().unwrap();
        let pre = linker.instantiate_pre(&component).unwrap();
        let mut wasi = captured();
        assert!(pre.adapter_warnings_in(&wasi).iter().all(|warning| warning.overflow.is_none()));
        wasi.env("LONG", text(60_000));
        let warnings = pre.adapter_warnings_in(&wasi);
        assert_eq!(warnings, component.adapter_warnings_in(&wasi));
        let warning = warnings.iter().find(|warning| warning.issue.id == ISSUE).unwrap();
        let overflow = warning.overflow.as_ref().unwrap();
        assert_eq!((overflow.variable.as_deref(), overflow.index), (Some("LONG"), Some(0)));
        let said = warning.to_string();
        assert!(said.contains("24.0.13") && said.contains(r#""LONG" has 60000 bytes"#), "{said}");
    }
}
