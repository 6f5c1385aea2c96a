//! Owns the type of Wasmtime's published security advisories: which releases one concerns, where it matters, and which
//! release has the fix. The table is in `advisories.rs`.

use std::fmt;

use semver::{Comparator, Op, Version, VersionReq};

use super::advisories::{ADVISORIES, TAKEN};

/// A published security advisory of Wasmtime that concerns a supported major. See [`advisories`].
///
/// The facts are those of the RustSec database on the day that [`advisories_taken`] returns.
///
/// ```
/// use wasmtime_compat_guest::report::advisories;
///
/// let advisory = advisories().iter().find(|advisory| advisory.id == "RUSTSEC-2025-0046").unwrap();
/// let deployed = "24.0.1".parse().unwrap();
/// assert!(advisory.affects(&deployed) && advisory.concerns_this_platform());
/// let fixed = advisory.fixed_after(&deployed).map(|version| version.to_string());
/// assert_eq!(fixed.as_deref(), Some("24.0.4"));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Advisory {
    /// The identifier in the RustSec database.
    pub id: &'static str,
    /// Other identifiers: those of the CVE list and of GitHub.
    pub aliases: &'static [&'static str],
    /// The package with the fault. Its versions are those of Wasmtime.
    pub package: &'static str,
    /// The day of the publication, ISO 8601.
    pub published: &'static str,
    /// The severity that follows from `cvss`; `None` if the advisory has no rating.
    pub severity: Option<Severity>,
    /// The vector of the Common Vulnerability Scoring System, if the advisory has one.
    pub cvss: Option<&'static str>,
    /// The effect.
    pub what: &'static str,
    /// The only platform that the fault concerns; `None` if it concerns every platform.
    pub platform: Option<Platform>,
    /// What a host or guest must use for the fault to matter: all of these. Empty if any guest may reach the fault.
    pub needs: &'static [Ability],
    /// The releases with the fix, as semver requirements of which any may match: fixes are backported.
    pub patched: &'static [&'static str],
    /// The releases that never had the fault, as semver requirements of which any may match.
    pub unaffected: &'static [&'static str],
    /// Why hosts that use `wasmtime-compat` do not reach the fault, if a test or the build shows that they do not.
    pub unreachable: Option<Unreachable>,
    /// The page of the advisory.
    pub link: &'static str,
}

/// The reason why hosts that use `wasmtime-compat` do not reach the fault of an advisory.
///
/// ```
/// use wasmtime_compat_guest::report::advisories;
///
/// let advisory = advisories().iter().find(|advisory| advisory.id == "RUSTSEC-2026-0020").unwrap();
/// // Hosts that use `wasmtime-compat` do not reach the fault, with one exception.
/// let reason = advisory.unreachable.unwrap();
/// assert_eq!(reason.unless, Some("`Config::raw_wasi` is on"));
/// assert!(!reason.why.is_empty() && !reason.shown_by.is_empty());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Unreachable {
    /// The reason.
    pub why: &'static str,
    /// The condition under which the reason does not hold, if there is one.
    pub unless: Option<&'static str>,
    /// The tests that show it, as paths in the repository with the name of the function, or the part of the build.
    pub shown_by: &'static [&'static str],
}

/// How severe an advisory is, by its score.
///
/// ```
/// use wasmtime_compat_guest::report::{Severity, advisories_for};
///
/// let all = advisories_for(&"35.0.0".parse().unwrap());
/// let mut urgent = all.iter().filter(|advisory| advisory.severity >= Some(Severity::High));
/// assert!(urgent.any(|advisory| advisory.id == "RUSTSEC-2026-0095"));
/// assert_eq!(Severity::High.to_string(), "high");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Severity {
    /// A score from 0.1 to 3.9.
    Low,
    /// A score from 4.0 to 6.9.
    Medium,
    /// A score from 7.0 to 8.9.
    High,
    /// A score from 9.0 on.
    Critical,
}

/// A platform that an advisory is restricted to.
///
/// ```
/// use wasmtime_compat_guest::report::{Platform, advisories};
///
/// let advisory = advisories().iter().find(|advisory| advisory.id == "RUSTSEC-2024-0438").unwrap();
/// assert_eq!(advisory.platform, Some(Platform::Windows));
/// assert_eq!(advisory.concerns_this_platform(), cfg!(windows));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Platform {
    /// Hosts on Windows.
    Windows,
    /// Hosts on x86-64 processors.
    X86_64,
    /// Hosts on 64-bit Arm processors.
    Aarch64,
}

/// What a host or guest uses, as far as it decides whether an advisory matters.
///
/// ```
/// use wasmtime_compat_guest::report::{Ability, advisories_for};
///
/// let all = advisories_for(&"35.0.0".parse().unwrap());
/// // The advisories that concern a host without preopens that a guest may only read.
/// let left = all.iter().filter(|advisory| !advisory.needs.contains(&Ability::ReadOnlyPreopens));
/// assert!(left.count() < all.len());
/// assert_eq!(Ability::ReadOnlyPreopens.name(), "read-only-preopens");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Ability {
    /// Asynchronous calls.
    Async,
    /// Guests that are components.
    Components,
    /// Several threads of the host that create and drop modules.
    HostThreads,
    /// WASI's HTTP.
    Http,
    /// Interruption of a guest by fuel or epochs.
    Interruption,
    /// Clones of a linker.
    LinkerClone,
    /// The pooling allocator.
    Pooling,
    /// WASI preview1, for guests that are modules.
    Preview1,
    /// A profiler.
    Profiling,
    /// Preopened directories that a guest may only read.
    ReadOnlyPreopens,
    /// External references.
    References,
    /// Several engines in one process.
    SeveralEngines,
    /// Memories that threads share.
    SharedMemory,
    /// 128-bit SIMD.
    Simd,
    /// Tables.
    Tables,
    /// Tail calls.
    TailCalls,
    /// WASI.
    Wasi,
    /// The code generator Winch.
    Winch,
}

/// Every published advisory that concerns a release of a supported major, oldest first.
///
/// ```
/// use wasmtime_compat_guest::report::advisories;
///
/// let winch = advisories().iter().find(|advisory| advisory.id == "RUSTSEC-2026-0095");
/// assert!(winch.is_some_and(|advisory| advisory.affects(&"35.0.0".parse().unwrap())));
/// ```
pub fn advisories() -> &'static [Advisory] {
    ADVISORIES
}

/// The advisories that concern exactly this release of Wasmtime, compiled in or not, oldest first. They are those of
/// Wasmtime itself: [`Advisory::unreachable`] has the reason where `wasmtime-compat` keeps a host from the fault.
///
/// ```
/// use wasmtime_compat_guest::report::advisories_for;
///
/// // Fixes are taken back to LTS releases, and to no other releases that are as old.
/// let count = |version: &str| advisories_for(&version.parse().unwrap()).len();
/// assert_eq!(count("36.0.20"), 0);
/// assert!(count("35.0.0") > count("36.0.6"));
/// ```
pub fn advisories_for(wasmtime: &Version) -> Vec<&'static Advisory> {
    ADVISORIES.iter().filter(|advisory| advisory.affects(wasmtime)).collect()
}

/// The day on which the database of advisories was read, ISO 8601. Later advisories are not in the table.
pub fn advisories_taken() -> &'static str {
    TAKEN
}

impl Advisory {
    /// Whether exactly this release has the fault. A pre-release counts as the release that it precedes.
    pub fn affects(&self, wasmtime: &Version) -> bool {
        let release = Version::new(wasmtime.major, wasmtime.minor, wasmtime.patch);
        let any = |ranges: &[&str]| {
            ranges.iter().any(|range| VersionReq::parse(range).is_ok_and(|range| range.matches(&release)))
        };
        !any(self.patched) && !any(self.unaffected)
    }

    /// The lowest release with the fix that is newer than `wasmtime`: one of the same major if the fix was taken back
    /// to that major. `None` if no newer release has the fix.
    pub fn fixed_after(&self, wasmtime: &Version) -> Option<Version> {
        let first = |range: &&str| {
            let range = VersionReq::parse(range).ok()?;
            range.comparators.iter().find(|bound| bound.op == Op::GreaterEq).map(lowest)
        };
        self.patched.iter().filter_map(first).filter(|fixed| fixed > wasmtime).min()
    }

    /// Whether the fault can matter on the platform that this crate was compiled for.
    pub fn concerns_this_platform(&self) -> bool {
        self.platform.is_none_or(Platform::is_this)
    }
}

/// The lowest version that a lower bound permits.
fn lowest(bound: &Comparator) -> Version {
    Version::new(bound.major, bound.minor.unwrap_or(0), bound.patch.unwrap_or(0))
}

impl Severity {
    /// `low`, `medium`, `high` or `critical`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Platform {
    /// `windows`, `x86-64` or `aarch64`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::X86_64 => "x86-64",
            Self::Aarch64 => "aarch64",
        }
    }

    /// Whether this crate was compiled for it.
    pub fn is_this(self) -> bool {
        match self {
            Self::Windows => cfg!(windows),
            Self::X86_64 => cfg!(target_arch = "x86_64"),
            Self::Aarch64 => cfg!(target_arch = "aarch64"),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Ability {
    /// A name in lower case with hyphens, such as `shared-memory`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Components => "components",
            Self::HostThreads => "host-threads",
            Self::Http => "http",
            Self::Interruption => "interruption",
            Self::LinkerClone => "linker-clone",
            Self::Pooling => "pooling",
            Self::Preview1 => "preview1",
            Self::Profiling => "profiling",
            Self::ReadOnlyPreopens => "read-only-preopens",
            Self::References => "references",
            Self::SeveralEngines => "several-engines",
            Self::SharedMemory => "shared-memory",
            Self::Simd => "simd",
            Self::Tables => "tables",
            Self::TailCalls => "tail-calls",
            Self::Wasi => "wasi",
            Self::Winch => "winch",
        }
    }
}

impl fmt::Display for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    //! The table is well formed, and its borders are where the database has them.

    use super::*;
    use crate::report::releases;

    fn ids(version: &str) -> Vec<&'static str> {
        advisories_for(&version.parse().unwrap()).iter().map(|advisory| advisory.id).collect()
    }

    fn has(id: &str, version: &str) -> bool {
        ids(version).contains(&id)
    }

    #[test]
    fn every_row_is_well_formed() {
        for advisory in advisories() {
            let ranges = || advisory.patched.iter().chain(advisory.unaffected);
            assert!(ranges().all(|range| VersionReq::parse(range).is_ok()), "{advisory:?}");
            assert!(!advisory.patched.is_empty() && !advisory.what.is_empty(), "{advisory:?}");
            assert!(advisory.link.ends_with(&format!("/{}.html", advisory.id)), "{advisory:?}");
            assert_eq!(advisory.severity.is_some(), advisory.cvss.is_some(), "{advisory:?}");
            assert!(advisory.unreachable.is_none_or(|reason| !reason.shown_by.is_empty()), "{advisory:?}");
        }
        assert!(advisories().is_sorted_by_key(|advisory| advisory.id));
        assert_eq!(advisories_taken().len(), "2026-08-21".len());
    }

    #[test]
    fn borders_of_fixes_that_were_taken_back_to_older_majors() {
        for (id, affected, not_affected) in [
            // Windows devices: 24.0.2, 25.0.3, 26.0.1.
            (
                "RUSTSEC-2024-0438",
                &["24.0.1", "25.0.2", "26.0.0", "18.0.4"][..],
                &["24.0.2", "25.0.3", "26.0.1", "27.0.0"][..],
            ),
            // The registry of types: from 19 on, fixed in five majors.
            (
                "RUSTSEC-2024-0439",
                &["19.0.0", "20.0.2", "21.0.1", "22.0.0", "23.0.2", "24.0.0", "25.0.1"],
                &["18.0.4", "21.0.2", "22.0.1", "23.0.3", "24.0.1", "25.0.2", "26.0.0"],
            ),
            (
                "RUSTSEC-2025-0046",
                &["24.0.3", "25.0.3", "32.0.1", "33.0.1", "34.0.1"],
                &["24.0.4", "33.0.2", "34.0.2", "35.0.0"],
            ),
            // Only the first three releases of 38.
            ("RUSTSEC-2025-0112", &["38.0.0", "38.0.2"], &["37.0.3", "38.0.3", "39.0.0"]),
            // Unaffected below 29 is in `patched` of this one.
            (
                "RUSTSEC-2026-0006",
                &["29.0.1", "35.0.0", "36.0.4", "37.0.3", "40.0.2", "41.0.0"],
                &["28.0.1", "36.0.5", "40.0.3", "41.0.1"],
            ),
            (
                "RUSTSEC-2026-0095",
                &["18.0.4", "24.0.13", "36.0.6", "41.0.4", "42.0.1", "43.0.0"],
                &["36.0.7", "42.0.2", "43.0.1", "44.0.0"],
            ),
            ("RUSTSEC-2026-0223", &["46.0.1", "47.0.2"], &["45.0.3", "46.0.2", "47.0.3", "48.0.0"]),
        ] {
            assert!(affected.iter().all(|version| has(id, version)), "{id}");
            assert!(!not_affected.iter().any(|version| has(id, version)), "{id}");
        }
    }

    #[test]
    fn a_fix_is_one_of_the_same_major_if_there_is_one() {
        let fixed = |id: &str, version: &str| {
            let advisory = advisories().iter().find(|advisory| advisory.id == id).unwrap();
            advisory.fixed_after(&version.parse().unwrap()).map(|version| version.to_string())
        };
        assert_eq!(fixed("RUSTSEC-2025-0046", "24.0.1").as_deref(), Some("24.0.4"));
        assert_eq!(fixed("RUSTSEC-2025-0046", "25.0.3").as_deref(), Some("33.0.2"));
        assert_eq!(fixed("RUSTSEC-2026-0096", "24.0.13").as_deref(), Some("36.0.7"));
        assert_eq!(fixed("RUSTSEC-2026-0096", "48.0.8"), None);
    }

    #[test]
    fn pre_releases_count_as_the_release_they_precede() {
        assert!(has("RUSTSEC-2026-0223", "46.0.1-rc.1") && !has("RUSTSEC-2026-0223", "46.0.2-rc.1+build"));
    }

    /// The releases that Wasmtime still supported on the day of the table have every fix, at the versions that this crate
    /// is tested with.
    #[test]
    fn counts_of_the_majors() {
        for release in releases() {
            let count = ids(release.pin).len();
            assert!(count == 0 || release.end_of_life < advisories_taken(), "{}: {count}", release.pin);
        }
        // Of releases without later patches a newer database can only find more.
        for (version, fewest) in [("18.0.4", 21), ("19.0.2", 22), ("28.0.1", 19), ("35.0.0", 20), ("45.0.3", 1)] {
            assert!(ids(version).len() >= fewest, "{version}");
        }
    }
}
