//! Guests get another adapter, and nothing else about them changes; what cannot be done faithfully is refused.

mod shared;

use semver::Version;
use wasmtime_compat_guest::ErrorKind;
use wasmtime_compat_guest::readapt::{Assumption, Readapted, Refusal, Replacement, readapt, readapt_assuming};
use wasmtime_compat_guest::report::{AdapterFlavour, AdapterIdentity, GuestReport, IssueStatus};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldItem};

use self::shared::{Numbers, adapters, component, frugal_module, module, nest, strip, without_lines};

/// A library with exports and imports of its own: records, strings, a resource of either side, a function of the
/// world itself, and WASI that it asks for without the adapter.
const WORLD: &str = r#"
    package test:guest@1.2.0;

    interface types {
        record point { x: u32, name: string }
        resource counter { constructor(start: u32); next: func() -> u32; }
    }

    interface store {
        use types.{point, counter};
        put: func(p: point) -> result<u32, string>;
        open: func(c: borrow<counter>) -> list<string>;
    }

    interface api {
        use types.{point};
        use wasi:io/streams@0.2.0.{input-stream};
        enum mode { fast, slow }
        resource doc { constructor(name: string); text: func() -> string; }
        handle: func(p: point, m: mode) -> string;
        read: func(input: input-stream) -> u32;
    }

    world plugin {
        import store;
        import types;
        import wasi:cli/environment@0.2.0;
        import log: func(text: string);
        export api;
        export ping: func(n: u32) -> u32;
    }

    package wasi:io@0.2.0 { interface streams { resource input-stream; } }
    package wasi:cli@0.2.0 { interface environment { get-arguments: func() -> list<string>; } }
"#;

/// The same with preview1 beside it, as text.
const PLUGIN: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
    (import "test:guest/store@1.2.0" "put" (func $put (param i32 i32 i32 i32)))
    (import "test:guest/store@1.2.0" "open" (func (param i32 i32)))
    (import "test:guest/types@1.2.0" "[constructor]counter" (func (param i32) (result i32)))
    (import "test:guest/types@1.2.0" "[method]counter.next" (func (param i32) (result i32)))
    (import "test:guest/types@1.2.0" "[resource-drop]counter" (func (param i32)))
    (import "wasi:cli/environment@0.2.0" "get-arguments" (func (param i32)))
    (import "wasi:io/streams@0.2.0" "[resource-drop]input-stream" (func (param i32)))
    (import "$root" "log" (func (param i32 i32)))
    (import "[export]test:guest/api@1.2.0" "[resource-new]doc" (func $new (param i32) (result i32)))
    (import "[export]test:guest/api@1.2.0" "[resource-drop]doc" (func (param i32)))
    (memory (export "memory") 2)
    (func (export "test:guest/api@1.2.0#handle") (param i32 i32 i32 i32) (result i32) i32.const 16)
    (func (export "cabi_post_test:guest/api@1.2.0#handle") (param i32))
    (func (export "test:guest/api@1.2.0#read") (param i32) (result i32) i32.const 7)
    (func (export "test:guest/api@1.2.0#[constructor]doc") (param i32 i32) (result i32)
        (call $new (i32.const 1)))
    (func (export "test:guest/api@1.2.0#[method]doc.text") (param i32) (result i32) i32.const 16)
    (func (export "test:guest/api@1.2.0#[dtor]doc") (param i32))
    (func (export "ping") (param i32) (result i32)
        (drop (call $name (i32.const 3) (i32.const 0) (i32.const 0)))
        (i32.add (local.get 0) (i32.const 1)))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
    (func (export "_initialize"))
    (@custom "own section" "kept"))"#;

fn plugin_module(encoding: StringEncoding) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_source("test.wit", WORLD).unwrap();
    let world = resolve.select_world(&[package], Some("plugin")).unwrap();
    let mut module = wat::parse_str(PLUGIN).unwrap();
    embed_component_metadata(&mut module, &resolve, world, encoding, false).unwrap();
    module
}

/// A preview1 program that looks at its preopens and opens files.
fn files_module() -> Vec<u8> {
    let text = r#"(module
        (import "wasi_snapshot_preview1" "fd_prestat_get" (func (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open"
            (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_readdir" (func (param i32 i32 i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
        (memory (export "memory") 1)
        (func (export "_start"))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
        (@producers (language "C" "17") (processed-by "some-cc" "1.0")))"#;
    wat::parse_str(text).unwrap()
}

fn embedded() -> Version {
    let AdapterIdentity::Exact(version) = Replacement::embedded().identity().clone() else { panic!("unknown") };
    version
}

fn good(guest: &[u8]) -> Readapted {
    let done = readapt(guest, &Replacement::embedded()).unwrap();
    assert_eq!(done.after.identity, AdapterIdentity::Exact(embedded()));
    assert_eq!(done.after.flavour, done.before.flavour);
    assert!(done.after.affected().all(|issue| issue.fixed.is_none()));
    let report = GuestReport::parse(&done.wasm).unwrap();
    assert_eq!(report.adapters, std::slice::from_ref(&done.after));
    done
}

fn refusal(guest: &[u8]) -> Refusal {
    let error = readapt(guest, &Replacement::embedded()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotReadapted, "{error}");
    error.refusal().unwrap().clone()
}

/// What a component exports and imports, but for WASI: names, and functions of interfaces.
fn outside(component: &[u8]) -> Vec<String> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component).unwrap() else { panic!() };
    let world = &resolve.worlds[world];
    let mut lines = Vec::new();
    for (way, items) in [("import", &world.imports), ("export", &world.exports)] {
        for (key, item) in items {
            let name = resolve.name_world_key(key);
            if name.starts_with("wasi:") {
                continue;
            }
            match item {
                WorldItem::Interface { id, .. } => {
                    let interface = &resolve.interfaces[*id];
                    let functions: Vec<_> = interface.functions.keys().collect();
                    let types: Vec<_> = interface.types.keys().collect();
                    lines.push(format!("{way} {name} {functions:?} {types:?}"));
                }
                _ => lines.push(format!("{way} {name}")),
            }
        }
    }
    lines.sort();
    lines
}

fn contains(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

#[test]
fn every_adapter_at_hand_gives_way_to_the_embedded_one() {
    for (version, flavour, wasm) in adapters() {
        for module in [module(), frugal_module(), files_module()] {
            if flavour == "proxy" && module == files_module() {
                continue;
            }
            let guest = component(&module, wasm);
            let before = GuestReport::parse(&guest).unwrap().adapters.remove(0);
            let done = good(&guest);
            assert_eq!(done.before, before, "{version} {flavour}");
            assert!(contains(&done.wasm, &module), "the main module is changed: {version} {flavour}");
            assert!(done.wasi_after.iter().all(|version| (version.major, version.minor) == (0, 2)));
        }
    }
}

#[test]
fn the_flaw_is_gone() {
    let guest = component(&files_module(), adapters()[0].2);
    let done = good(&guest);
    let names = |issues: &[wasmtime_compat_guest::report::AdapterIssue]| {
        issues.iter().find(|issue| issue.issue.id == "preopen-names").unwrap().status
    };
    assert_eq!(names(&done.before.issues), IssueStatus::Affected);
    assert_eq!(names(&done.after.issues), IssueStatus::NotAffected);
    assert_eq!(done.wasi_before, [Version::new(0, 2, 0)]);
    assert_eq!(done.wasi_after.last(), Some(&Version::new(0, 2, 12)));
}

#[test]
fn a_library_keeps_its_exports_imports_and_types() {
    for encoding in [StringEncoding::UTF8, StringEncoding::UTF16] {
        let module = plugin_module(encoding);
        for (version, flavour, wasm) in adapters().into_iter().filter(|(_, flavour, _)| *flavour == "reactor") {
            let guest = component(&module, wasm);
            let done = good(&guest);
            assert_eq!(done.after.flavour, AdapterFlavour::Reactor, "{version} {flavour}");
            assert_eq!(outside(&done.wasm), outside(&guest));
            assert_eq!(outside(&guest).len(), 5, "{:?}", outside(&guest));
            assert!(contains(&done.wasm, b"own sectionkept"));
        }
    }
}

#[test]
fn doing_it_again_changes_nothing() {
    for module in [files_module(), plugin_module(StringEncoding::UTF8)] {
        let flavour = usize::from(module != files_module());
        let once = good(&component(&module, adapters()[flavour].2));
        let twice = good(&once.wasm);
        assert_eq!(twice.wasm, once.wasm);
        assert_eq!(twice.before, once.after);
    }
}

#[test]
fn what_the_component_says_about_itself_is_kept() {
    let mut guest = component(&files_module(), adapters()[0].2);
    // A custom section of its own, and a name for itself.
    guest.extend(b"\0\x0c\x07authorsNobo");
    guest.extend(b"\0\x19\x0ecomponent-name\0\x08\x07my-tool");
    let done = good(&guest);
    assert!(contains(&done.wasm, b"authorsNobo"));
    assert!(contains(&done.wasm, b"component-name\0\x08\x07my-tool"));
    assert!(contains(&done.wasm, b"wasmtime-compat"));
    // Also the main module's own tools.
    assert!(contains(&done.wasm, b"some-cc"));
}

#[test]
fn a_stripped_guest_is_repaired_too() {
    let done = good(&strip(&component(&files_module(), adapters()[0].2)));
    assert!(matches!(done.before.identity, AdapterIdentity::OneOf(_)), "{:?}", done.before.identity);
}

#[test]
fn guests_that_cannot_be_done_again_are_refused() {
    let all = adapters();
    let flawed = component(&files_module(), all[0].2);
    assert_eq!(refusal(&files_module()), Refusal::Module);
    assert_eq!(refusal(all[0].2), Refusal::Module);
    assert_eq!(refusal(&nest(&[])), Refusal::NoAdapter);
    assert_eq!(refusal(&nest(&[&flawed])), Refusal::Composed);
    assert_eq!(refusal(&nest(&[&flawed, &flawed])), Refusal::SeveralAdapters(2));

    // A second module that is instantiated beside the first.
    let mut two = flawed.clone();
    two.extend(b"\x01\x08\0asm\x01\0\0\0");
    assert_eq!(refusal(&two), Refusal::SeveralModules(2));

    let error = readapt(&flawed[..flawed.len() - 1], &Replacement::embedded()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidGuest);
    let error = readapt(b"", &Replacement::embedded()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidGuest);
}

/// Types within types: the encoder goes down into them, and must not take the caller's stack for it.
#[test]
fn deep_types_do_not_exhaust_the_stack() {
    let types = |deepest: usize| {
        let of = |level: usize| format!("type t{} = option<t{level}>;", level + 1);
        (0..deepest).map(of).collect::<String>()
    };
    let guest = |deepest: usize| {
        let world = format!(
            "package test:deep; interface deep {{ type t0 = u8; {} put: func(it: t{deepest}); }}
            world guest {{ import deep; }}",
            types(deepest)
        );
        let text = r#"(module
            (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
            (import "test:deep/deep" "put" (func (param i32)))
            (memory (export "memory") 1)
            (func (export "_start")))"#;
        let mut module = wat::parse_str(text).unwrap();
        let mut resolve = Resolve::default();
        let package = resolve.push_source("deep.wit", &world).unwrap();
        let world = resolve.select_world(&[package], None).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
        component(&module, adapters()[0].2)
    };
    // About as deep as validation allows.
    let guest = guest(90);
    let small = std::thread::Builder::new().stack_size(512 << 10);
    let done = small.spawn(move || readapt(&guest, &Replacement::embedded())).unwrap().join().unwrap();
    assert_eq!(done.unwrap().after.identity, AdapterIdentity::Exact(embedded()));
}

/// Something of the shape of an adapter that nobody has published.
#[test]
fn an_adapter_of_somebody_else_is_refused() {
    let own = r#"(module
        (import "env" "memory" (memory 1))
        (func (export "fd_write") (param i32 i32 i32 i32) (result i32) i32.const 8)
        (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) i32.const 8))"#;
    let mut module = module();
    let mut resolve = Resolve::default();
    let package = resolve.push_source("test.wit", "package test:lone; world lone {}").unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    let guest = component(&module, &wat::parse_str(own).unwrap());
    assert_eq!(refusal(&guest), Refusal::UnknownAdapter);
}

#[test]
fn what_is_assumed_is_said_and_used_for_unknown_adapters_only() {
    let assume = |guest: &[u8], text: &str| {
        readapt_assuming(guest, &Replacement::embedded(), &text.parse::<Assumption>().unwrap())
    };
    let known = component(&files_module(), adapters()[0].2);
    let unknown = without_lines(&strip(&known));
    assert_eq!(refusal(&unknown), Refusal::UnknownAdapter);

    let done = assume(&unknown, "24.0.13").unwrap();
    assert_eq!(done.assumed, Some(Assumption::Version(Version::new(24, 0, 13))));
    assert_eq!(done.before.identity, AdapterIdentity::Unknown);
    assert!(done.before.affected().any(|issue| issue.id == "preopen-names"));
    assert_eq!(done.after.identity, AdapterIdentity::Exact(embedded()));
    assert!(contains(&done.wasm, &strip(&files_module())));

    let done = assume(&unknown, "command").unwrap();
    assert_eq!((done.assumed, done.before.affected().count()), (Some(Assumption::Flavour(AdapterFlavour::Command)), 0));
    let Some(Refusal::Replacement(why)) = assume(&unknown, "proxy").unwrap_err().refusal().cloned() else { panic!() };
    assert!(why.contains("proxy") && why.contains("command"), "{why}");

    let version = adapters()[0].0;
    for (text, contradicted) in [("proxy", true), ("24.0.0", version != "24.0.0"), ("command", false), (version, false)]
    {
        let done = assume(&known, text).unwrap();
        assert_eq!((done.assumed, done.contradicted.is_some()), (None, contradicted), "{text}");
        assert_eq!(done.wasm, good(&known).wasm);
    }
    for version in ["0.0.0", "0.40.0", "22.0.0-rc.1", "24.0.999", "99.0.0"] {
        for guest in [&unknown, &known] {
            let refusal = assume(guest, version).unwrap_err().refusal().cloned();
            assert_eq!(refusal, Some(Refusal::UnknownVersion(version.parse().unwrap())));
        }
    }
    for version in ["15.0.0", "22.0.1"] {
        assert!(assume(&unknown, version).is_ok(), "a release from before adapters were published: {version}");
    }
    assert!("newest".parse::<Assumption>().unwrap_err().to_string().contains("`reactor`"));
}

/// A second adapter, for another namespace, makes a second module.
#[test]
fn two_kinds_of_adapters_are_refused() {
    let main = wat::parse_str(
        r#"(module
            (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
            (import "other" "answer" (func (result i32)))
            (memory (export "memory") 1)
            (func (export "_start")))"#,
    );
    let other = wat::parse_str(r#"(module (func (export "answer") (result i32) i32.const 42))"#).unwrap();
    let main = main.unwrap();
    let encode = || {
        ComponentEncoder::default()
            .module(&main)?
            .adapter("wasi_snapshot_preview1", adapters()[0].2)?
            .adapter("other", &other)?
            .encode()
    };
    assert_eq!(refusal(&encode().unwrap()), Refusal::SeveralModules(2));
}

/// What one import of the main module is given is given to another: valid, and not as wit-component does it.
#[test]
fn other_wiring_is_refused() {
    let text = r#"(module
        (import "wasi_snapshot_preview1" "fd_fdstat_get" (func (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_res_get" (func (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")))"#;
    let guest = strip(&component(&wat::parse_str(text).unwrap(), adapters()[0].2));
    good(&guest);
    // The names are in the modules, then in what is made for the main module, and at last where the adapter's
    // functions are taken out of it.
    let made = |name: &[u8]| {
        let found: Vec<_> = guest.windows(name.len()).enumerate().filter(|(_, window)| *window == name).collect();
        found[found.len() - 2].0
    };
    let (one, other) = (b"fd_fdstat_get", b"clock_res_get");
    let (one_at, other_at) = (made(one), made(other));
    let mut crossed = guest.clone();
    crossed[one_at..one_at + one.len()].copy_from_slice(other);
    crossed[other_at..other_at + other.len()].copy_from_slice(one);
    let Refusal::Changed(what) = refusal(&crossed) else { panic!("{}", refusal(&crossed)) };
    assert!(what.contains("clock_res_get") && what.contains("fd_fdstat_get"), "{what}");
}

#[test]
fn the_replacement_must_be_known_to_be_good() {
    let all = adapters();
    let reason = |wasm: &[u8]| Replacement::from_wasm(wasm).unwrap_err().refusal().unwrap().clone();
    let Refusal::Replacement(why) = reason(all[0].2) else { panic!() };
    assert!(why.contains("24.0.13") && why.contains("preopen-names"), "{why}");
    assert!(matches!(reason(&module()), Refusal::Replacement(_)));
    assert!(matches!(reason(&component(&module(), all[3].2)), Refusal::Replacement(_)));

    let other = Replacement::from_wasm(all[3].2).unwrap();
    assert_eq!(other.identity(), &AdapterIdentity::Exact(Version::new(29, 0, 1)));
    let done = readapt(&component(&files_module(), all[0].2), &other).unwrap();
    assert_eq!(done.after.identity, AdapterIdentity::Exact(Version::new(29, 0, 1)));

    // A command's adapter is of no use to a library.
    let error = readapt(&component(&plugin_module(StringEncoding::UTF8), all[1].2), &other).unwrap_err();
    assert!(matches!(error.refusal(), Some(Refusal::Replacement(_))), "{error}");
}

#[test]
fn a_version_that_is_not_embedded_is_an_error_that_says_which_is() {
    assert_eq!(Replacement::of_version(&embedded()).unwrap().identity(), &AdapterIdentity::Exact(embedded()));
    let requested = Version::new(36, 0, 20);
    let error = Replacement::of_version(&requested).unwrap_err();
    assert_eq!(error.refusal(), Some(&Refusal::NotEmbedded { requested, embedded: Some(embedded()) }));
    assert!(error.message().contains(&embedded().to_string()), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn changed_bytes_never_make_it_panic_or_pass_with_another_module() {
    let mut numbers = Numbers::new();
    let guests = [
        (files_module(), component(&files_module(), adapters()[0].2)),
        (plugin_module(StringEncoding::UTF8), component(&plugin_module(StringEncoding::UTF8), adapters()[1].2)),
    ];
    let replacement = Replacement::embedded();
    let (mut invalid, mut refused, mut done) = (0, 0, 0);
    for round in 0..300 {
        let (_, guest) = &guests[round % guests.len()];
        let mut guest = guest.clone();
        for _ in 0..=numbers.below(2) {
            let at = numbers.below(guest.len());
            guest[at] = match numbers.below(3) {
                0 => guest[at] ^ 1 << numbers.below(8),
                1 => guest[at].wrapping_add(1),
                _ => guest[numbers.below(at + 1)],
            };
        }
        match readapt(&guest, &replacement) {
            Ok(result) => {
                done += 1;
                assert_eq!(result.after.identity, AdapterIdentity::Exact(embedded()));
            }
            Err(error) if matches!(error.kind(), ErrorKind::InvalidGuest | ErrorKind::TooComplex) => invalid += 1,
            Err(error) => {
                refused += 1;
                assert_eq!(error.kind(), ErrorKind::NotReadapted);
                assert!(!error.message().contains("panicked"), "round {round}: {error}");
            }
        }
    }
    assert!(invalid > 80 && refused > 0 && done > 40, "{invalid} invalid, {refused} refused, {done} done");
}
