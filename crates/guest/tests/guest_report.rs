//! The guest report of components with known adapters: right where it can be, open where it cannot, on any bytes.

mod shared;

use wasmtime_compat_guest::internal::{adapters_in, check_and_find_adapters, check_complexity};
use wasmtime_compat_guest::report::{
    AdapterFlavour, AdapterIdentity, AdapterReport, Evidence, GuestReport, HostReason, HostVerdict, IssueStatus,
    Proposal, WasiFlavour, adapter_issues, releases,
};
use wasmtime_compat_guest::{ErrorKind, GuestKind};

use self::shared::{Numbers, adapters, carrier, component, frugal_module, module, nest, strip};

const NAMES: &str = "preopen-names";

fn only(component: &[u8]) -> AdapterReport {
    let mut adapters = GuestReport::parse(component).unwrap().adapters;
    assert_eq!(adapters.len(), 1);
    adapters.remove(0)
}

fn status(adapter: &AdapterReport, id: &str) -> IssueStatus {
    adapter.issues.iter().find(|issue| issue.issue.id == id).unwrap().status
}

fn expected_names(version: &str, flavour: &str) -> IssueStatus {
    if version == "24.0.13" && flavour != "proxy" { IssueStatus::Affected } else { IssueStatus::NotAffected }
}

#[test]
fn adapters_are_recognised_exactly() {
    for (version, flavour, wasm) in adapters() {
        for wasm in [component(&module(), wasm), wasm.to_vec()] {
            let adapter = only(&wasm);
            assert_eq!(adapter.identity, AdapterIdentity::Exact(version.parse().unwrap()), "{flavour}");
            assert_eq!(adapter.flavour.name(), flavour, "{version}");
            assert!(adapter.rustc.is_some() && adapter.wasi.iter().all(|name| name.starts_with("wasi:")));
            assert_eq!(status(&adapter, NAMES), expected_names(version, flavour), "{version} {flavour}");
        }
    }
}

#[test]
fn what_the_guest_does_not_use_is_unreachable() {
    for (version, flavour, wasm) in adapters() {
        let adapter = only(&component(&frugal_module(), wasm));
        let names = status(&adapter, NAMES);
        match expected_names(version, flavour) {
            IssueStatus::Affected => assert_eq!(names, IssueStatus::Unreachable, "{version} {flavour}"),
            other => assert_eq!(names, other, "{version} {flavour}"),
        }
    }
}

#[test]
fn without_names_the_truth_is_among_the_candidates() {
    for (version, flavour, wasm) in adapters() {
        let adapter = only(&strip(&component(&module(), wasm)));
        let AdapterIdentity::OneOf(versions) = &adapter.identity else { panic!("{version} {flavour}: {adapter:?}") };
        assert!(versions.contains(&version.parse().unwrap()), "{version} {flavour}: {versions:?}");
        assert_eq!(adapter.rustc, None);
        assert_eq!(status(&adapter, NAMES), expected_names(version, flavour), "{version} {flavour}");
    }
}

/// Sets the hash in the name that identifies a build with legacy mangling.
fn renamed(wasm: &[u8], hash: &[u8; 16]) -> Vec<u8> {
    let mark = b"macros11assert_fail17h";
    let at = wasm.windows(mark.len()).position(|window| window == mark).unwrap() + mark.len();
    let mut wasm = wasm.to_vec();
    wasm[at..at + 16].copy_from_slice(hash);
    wasm
}

#[test]
fn a_build_of_ones_own_is_no_published_one() {
    let guest = component(&module(), adapters()[0].2);
    let adapter = only(&renamed(&guest, b"0123456789abcdef"));
    assert!(adapter.evidence.contains(&Evidence::UnknownSymbols), "{:?}", adapter.evidence);
    let AdapterIdentity::SourceClass { to, .. } = &adapter.identity else { panic!("{:?}", adapter.identity) };
    assert_eq!(to.major, 24);
    assert_eq!(status(&adapter, NAMES), IssueStatus::Affected);
}

#[test]
fn a_forged_name_is_not_believed() {
    // The hash of 29.0.1 on the code of 24.0.13: it would be free of the flaw.
    let all = adapters();
    let good = component(&module(), all[3].2);
    let mark = b"macros11assert_fail17h";
    let at = good.windows(mark.len()).position(|window| window == mark).unwrap() + mark.len();
    let hash: [u8; 16] = good[at..at + 16].try_into().unwrap();
    let adapter = only(&renamed(&component(&module(), all[0].2), &hash));
    assert!(adapter.evidence.contains(&Evidence::Contradiction), "{:?}", adapter.evidence);
    assert!(!matches!(adapter.identity, AdapterIdentity::Exact(_)), "{:?}", adapter.identity);
    assert_eq!(status(&adapter, NAMES), IssueStatus::Affected);
}

/// A command adapter with these source lines compiled in, which imports WASI with this version.
fn old_adapter(lines: &[u16], version: &str) -> Vec<u8> {
    let checks: String = lines.iter().map(|line| format!("(call $failed (i32.const {line}))")).collect();
    let text = format!(
        r#"(module
        (import "env" "memory" (memory 0))
        (import "wasi:filesystem/preopens{version}" "get-directories" (func (param i32)))
        (func $failed (param i32) unreachable)
        (func (export "wasi:cli/run{version}#run") (result i32) {checks} (i32.const 0))
        (func (export "args_get") (param i32 i32) (result i32) (i32.const 0))
        (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 0))
        (func (export "fd_pwrite") (param i32 i32 i32 i64 i32) (result i32) (i32.const 0))
        (func (export "random_get") (param i32 i32) (result i32) (i32.const 0)))"#
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn adapters_older_than_the_registry_are_known_by_their_source() {
    use IssueStatus::{Affected, NotAffected, Unknown};
    let of_13 = [174, 178, 191, 198, 212, 219, 242, 287, 365, 591];
    let of_14 = [173, 177, 190, 197, 211, 218, 241, 267, 588, 767];
    let of_15 = [181, 185, 198, 205, 219, 226, 249, 267, 596, 775];
    let of_16 = [184, 214, 252, 256, 269, 276, 279, 1037, 1311, 1805];
    let of_18 = [184, 214, 252, 256, 269, 276, 279, 1044, 1318, 1812];
    let of_22 = [153, 194, 299, 342, 361, 371, 375, 460, 551, 998];
    // Of a build between two releases, which cargo-component 0.14 carries.
    let between = [153, 261, 306, 370, 371, 411, 431, 441, 445, 530];
    let rows = [
        (&of_13, "", "13.0.0 to 13.0.1", Some(54_904), [Affected, Affected, NotAffected]),
        (&of_14, "@0.2.0-rc-2023-10-18", "14.0.0 to 14.0.4", Some(54_912), [Affected, Affected, NotAffected]),
        (&of_15, "@0.2.0-rc-2023-11-10", "15.0.0 to 15.0.1", Some(54_912), [Affected, Affected, NotAffected]),
        (&of_16, "@0.2.0", "16.0.0 to 17.0.3", Some(54_912), [Affected, Affected, NotAffected]),
        (&of_18, "@0.2.0", "18.0.0 to 21.0.2", Some(54_912), [Affected, Affected, NotAffected]),
        (&of_22, "@0.2.0", "22.0.0 to 22.0.1", None, [NotAffected, Affected, Affected]),
        (&between, "@0.2.0", "22.0.1 to 23.0.0", None, [NotAffected, Unknown, Affected]),
    ];
    for (lines, version, source, total, expected) in rows {
        let adapter = only(&carrier(&[&old_adapter(lines, version)]));
        assert_eq!(adapter.identity.to_string(), format!("unpublished build, source like {source}"));
        assert_eq!(adapter.flavour, AdapterFlavour::Command, "{source}");
        assert_eq!(adapter.string_bounds().unwrap().total, total, "{source}");
        let found = ["strings-over-64k", "write-checks", "empty-random-abort"].map(|id| status(&adapter, id));
        assert_eq!(found, expected, "{source}");
        let names = if source.ends_with("23.0.0") { Unknown } else { NotAffected };
        assert_eq!(status(&adapter, "preopen-names"), names, "{source}");
    }
}

#[test]
fn the_guide_has_every_flaw() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/09-adapters.md");
    let text = std::fs::read_to_string(path).unwrap();
    for issue in adapter_issues() {
        let rows = text.lines().filter(|line| line.starts_with(&format!("| `{}` |", issue.id)));
        assert_eq!(rows.count(), 1, "{} in {path}", issue.id);
    }
}

#[test]
fn nested_components_are_looked_into() {
    let all = adapters();
    let (old, new) = (component(&module(), all[0].2), component(&module(), all[9].2));
    let flat = only(&old).path;
    let report = GuestReport::parse(&nest(&[&nest(&[&old]), &new])).unwrap();
    let found: Vec<String> =
        report.adapters.iter().map(|adapter| format!("{} {}", adapter.path, adapter.identity)).collect();
    let last = only(&new).path;
    assert_eq!(found, [format!("0.0.{flat} 24.0.13"), format!("1.{last} 48.0.8")]);
}

#[test]
fn nesting_without_end_is_harmless() {
    let mut wasm = nest(&[]);
    for _ in 0..2000 {
        wasm = nest(&[&wasm]);
    }
    assert!(GuestReport::parse(&wasm).unwrap().adapters.is_empty());
}

#[test]
fn what_it_is_and_what_it_imports() {
    let report = GuestReport::parse(&module()).unwrap();
    assert_eq!((report.kind, report.adapters.len()), (GuestKind::Module, 0));
    assert_eq!(report.wasi[0].flavour, WasiFlavour::P1);
    assert_eq!(report.wasi[0].names, ["fd_write", "fd_prestat_dir_name"]);

    let report = GuestReport::parse(&component(&module(), adapters()[0].2)).unwrap();
    assert_eq!(report.kind, GuestKind::Component);
    assert_eq!(report.wasi.len(), 1);
    assert_eq!(report.wasi[0].flavour, WasiFlavour::P2);
    assert_eq!(report.wasi[0].version.as_ref().unwrap().to_string(), "0.2.0");
    assert!(report.wasi[0].names.iter().any(|name| name == "wasi:filesystem/preopens"));
    assert_eq!(report.adapters[0].flavour, AdapterFlavour::Command);

    let error = GuestReport::parse(b"no guest").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidGuest);
}

/// The proposals that a module of these fields uses.
fn proposals(fields: &str) -> Vec<&'static str> {
    let report = GuestReport::parse(&wat::parse_str(format!("(module {fields})")).unwrap()).unwrap();
    assert_eq!(report.invalid, None, "{fields}");
    report.proposals.iter().map(|proposal| proposal.name()).collect()
}

#[test]
fn proposals_are_seen_in_types_and_in_code() {
    assert!(proposals("(func (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))").is_empty());
    assert_eq!(proposals("(func (local v128))"), ["simd"]);
    assert_eq!(proposals("(func (param v128))"), ["simd"]);
    assert_eq!(proposals("(func (drop (i32.extend8_s (i32.const 1))))"), ["sign-extension"]);
    assert_eq!(proposals("(func (i32.const 1) (block (param i32) drop))"), ["multi-value"]);
    assert_eq!(proposals("(memory 1) (memory 1) (func (i32.store 1 (i32.const 0) (i32.const 1)))"), ["multi-memory"]);
    assert_eq!(proposals("(memory i64 1) (func (i32.store (i64.const 0) (i32.const 1)))"), ["memory64"]);
    assert_eq!(proposals("(func (local exnref))"), ["exceptions"]);
    assert_eq!(proposals("(global (mut i32) (i32.sub (i32.const 1) (i32.const 2)))"), ["extended-const"]);
    assert_eq!(
        proposals("(func (result i64 i64) (i64.mul_wide_s (i64.const 1) (i64.const 2)))"),
        ["multi-value", "wide-arithmetic"]
    );
    // Every shape that is skipped without asking wasmparser, before something that must still be found.
    let shapes = r#"(table 1 funcref) (memory 1) (global $g (mut i64) (i64.const -1)) (func $f (param i32)
        (block (result i32) (loop (br_if 1 (local.get 0) (local.get 0)) (br 0)) (unreachable)) drop
        (br_table 0 0 0 (local.get 0)))
        (func (local i32 i64 f32 f64) (local.set 1 (i64.const 0x7fffffffffffffff)) (local.set 2 (f32.const 1))
        (local.set 3 (f64.const 2)) (if (i32.load offset=70000 (i32.const 0)) (then (nop)) (else (return)))
        (global.set $g (i64.load32_u align=1 (memory.grow (memory.size)))) (call $f (i32.const -1))
        (call_indirect (param i32) (i32.const 1) (i32.const 0)) (i32.const 1) (i32.const 2) (i32.const 3) select drop
        (drop (atomic.fence) (i32.const 1)))"#;
    assert_eq!(proposals(shapes), ["threads"]);
}

#[test]
fn what_is_not_valid_runs_nowhere() {
    for text in ["(module (func (result i32)))", "(component (core module (func (drop))))"] {
        let report = GuestReport::parse(&wat::parse_str(text).unwrap()).unwrap();
        assert!(report.invalid.is_some(), "{text}");
        let invalid = |host: HostVerdict| matches!(host.reasons[..], [HostReason::Invalid(_)]);
        assert!(report.hosts().into_iter().all(invalid), "{text}");
    }
}

#[test]
fn large_code_is_read_though_not_validated() {
    let body = "(drop (i64.const 1234567890123))".repeat(100_000);
    let large = |last: &str| {
        let text = format!(r#"(module (func $f) (func {body}) (func (export "_start") {last}))"#);
        GuestReport::parse(&wat::parse_str(text).unwrap()).unwrap()
    };
    let report = large("(return_call $f)");
    assert_eq!((report.proposals, report.invalid), (vec![Proposal::TailCall], None));
    let mut broken = wat::parse_str(format!("(module (func {body}))")).unwrap();
    // There is no such instruction.
    let last = broken.len() - 2;
    broken[last] = 0x27;
    assert!(GuestReport::parse(&broken).unwrap().invalid.is_some());
}

#[test]
fn no_bytes_make_it_panic_or_believe_a_changed_adapter() {
    let mut numbers = Numbers::new();
    let all = adapters();
    let components = all.iter().map(|(version, _, wasm)| (*version, component(&module(), wasm)));
    let guests: Vec<_> = components.chain(all.iter().map(|(version, _, wasm)| (*version, wasm.to_vec()))).collect();
    let (mut read, mut refused) = (0, 0);
    for round in 0..4000 {
        let (version, guest) = &guests[round % guests.len()];
        let mut guest = guest.clone();
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(guest.len());
            match numbers.below(4) {
                0 => guest[at] ^= 1 << numbers.below(8),
                1 => guest[at] = 0xff,
                2 => drop(guest.splice(at..at, [0x80; 5])),
                _ => guest.truncate(at.max(1)),
            }
        }
        match GuestReport::parse(&guest) {
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::InvalidGuest | ErrorKind::TooComplex), "{error}");
                refused += 1;
            }
            Ok(report) => {
                read += 1;
                assert_eq!(report.hosts().len(), releases().len());
                for adapter in report.adapters {
                    if let AdapterIdentity::Exact(found) = adapter.identity {
                        assert_eq!(found.to_string(), *version, "round {round}");
                    }
                }
            }
        }
    }
    assert!(read > 200 && refused > 200, "{read} read, {refused} refused");
}

#[test]
fn one_pass_checks_a_component_and_finds_its_adapters() {
    for (version, _, adapter) in adapters().into_iter().filter(|(_, flavour, _)| *flavour == "command") {
        let guest = component(&module(), adapter);
        for guest in [strip(&guest), nest(&[&guest, &guest])] {
            let found = check_and_find_adapters(&guest).unwrap();
            assert_eq!(found, adapters_in(&guest).unwrap(), "{version}");
            assert!(!found.is_empty(), "{version}");
        }
    }
    let without = nest(&[]);
    assert_eq!(check_and_find_adapters(&without).unwrap(), []);
    let truncated = &component(&module(), adapters()[0].2)[..200];
    assert_eq!(
        check_and_find_adapters(truncated).unwrap_err().message(),
        check_complexity(truncated).unwrap_err().message()
    );
}
