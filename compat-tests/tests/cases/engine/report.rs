//! Which Wasmtime is this: exact version, release, WASI and fingerprint; majors are found by number.

use compat_tests::engine;
use wasmtime_compat::report::{advisories, releases};
use wasmtime_compat::{Config, CoreWasmtime, Engine, Proposal, by_major, enabled};

use super::V;

#[test]
fn it_says_exactly_which_wasmtime_this_is() {
    let report = V::report();
    let release = releases().iter().find(|release| release.major == V::MAJOR).unwrap();
    assert_eq!(report.wasmtime.to_string(), release.pin);
    assert_eq!(&report.release, release);
    assert_eq!(report.wasi.p2.to_string(), release.p2);
    assert_eq!(release.lts, V::MAJOR.is_multiple_of(12));
}

#[test]
fn advisories_are_those_of_the_exact_version() {
    let report = V::report();
    let found = report.advisories();
    assert!(advisories().iter().all(|advisory| found.contains(&advisory) == advisory.affects(&report.wasmtime)));
    for advisory in found {
        let fixed = advisory.fixed_after(&report.wasmtime);
        assert!(fixed.is_none_or(|fixed| fixed > report.wasmtime && !advisory.affects(&fixed)), "{advisory:?}");
    }
}

/// That engines have these defaults is tested by the predictions in `hosts`.
#[test]
fn defaults_of_the_release() {
    let report = V::report();
    assert!(Proposal::Simd.is_default(V::MAJOR));
    assert_eq!(Proposal::TailCall.is_default(V::MAJOR), V::MAJOR >= 22);
    assert_eq!(report.release.has_shared_memory(), V::MAJOR < 40);
    assert_eq!(
        (report.release.has_long_tables(), report.release.has_semver_imports()),
        (V::MAJOR >= 28, V::MAJOR >= 19)
    );
}

#[test]
fn fingerprints_tell_engines_apart() {
    let same = engine::<V>().fingerprint();
    assert_eq!(V::report().fingerprint, same);
    let other = Engine::<V>::new(&Config::new().consume_fuel(true)).unwrap().fingerprint();
    assert_ne!(same, other);
    for wasmtime in enabled().iter().filter(|wasmtime| wasmtime.major() != V::MAJOR) {
        assert_ne!(wasmtime.report().fingerprint, same, "{}", wasmtime.major());
    }
}

#[test]
fn majors_are_found_by_number() {
    assert_eq!(by_major(V::MAJOR).unwrap().report(), V::report());
}
