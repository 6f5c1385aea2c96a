//! Owns the table of known flaws of published adapters. A new flaw is a new row.
//!
//! The ranges were read from the adapter's source at every tag of Wasmtime and compared with runs (November 2026):
//!
//! * `cargo xtask adapters --flaws` runs all 112 command adapters in the registry, 23.0.1 to 50.0.1, and those of 17.0.0,
//!   17.0.1, 19.0.2 and 22.0.0 that old programs carry (`SOURCES` in `crates/guest/tools/src/adapters.rs`), in Wasmtime 50.
//!   Each row and each bound of `strings.rs` agrees.
//! * The adapters of 13.0.0, 14.0.0, 15.0.0 and 16.0.0 import release candidates of WASI, which no supported major hosts.
//!   They were called function by function with simulated answers of a host, and so was `shrunk-string-abort`, which
//!   Wasmtime as a host never shows, on all adapters up to 23.0.1 and on 48.0.8. Each row agreed; in 13 only writes return
//!   0 of `nonblocking-zero`, while reads return `EINTR`.
//!
//! The cases of `compat-tests` run the adapters of 24, 29, 36 and 48 on every major; of what was fixed before 24 they show
//! the good side only. Security advisories are not here: those of Wasmtime are flaws of hosts, and a component's bytes do
//! not identify its host.

use semver::{Version, VersionReq};

use super::strings::TAKES_STRINGS;

/// A known flaw of some adapters. See [`adapter_issues`].
///
/// ```
/// use wasmtime_compat_guest::report::adapter_issues;
///
/// let issue = adapter_issues().iter().find(|issue| issue.misnames_preopens()).unwrap();
/// assert_eq!((issue.id, issue.fixed), ("preopen-names", Some("29.0.1")));
/// assert!(issue.affects(&"24.0.13".parse().unwrap()));
/// assert!(!issue.affects(&"36.0.20".parse().unwrap()));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct KnownIssue {
    /// A stable name.
    pub id: &'static str,
    /// The effect of the flaw.
    pub what: &'static str,
    /// Ranges of affected versions; in one of them is enough.
    pub affected: &'static [&'static str],
    /// The first fixed releases, for people; none if every published adapter has the flaw.
    pub fixed: Option<&'static str>,
    /// The flaw is reached through one of these exports only; empty if it may be reached through any.
    pub needs: &'static [&'static str],
    /// Whether proxy adapters have it: they know no files.
    pub in_proxy: bool,
    /// Where to read on.
    pub link: &'static str,
}

/// Every known flaw, the worst first.
pub fn adapter_issues() -> &'static [KnownIssue] {
    &ISSUES
}

impl KnownIssue {
    /// Whether an adapter of this version has it.
    pub fn affects(&self, version: &Version) -> bool {
        self.affected.iter().any(|range| VersionReq::parse(range).is_ok_and(|range| range.matches(version)))
    }

    /// Whether the flaw gives preopened directories wrong names, which a guest cannot detect.
    pub fn misnames_preopens(&self) -> bool {
        self.id == PREOPEN_NAMES
    }

    /// Whether the flaw shows in runs with long or many strings only; see
    /// [`StringOverflow`](super::StringOverflow).
    pub(super) fn of_strings(&self) -> bool {
        [LONG_STRING, ALL_STRINGS].contains(&self.id)
    }

    /// Whether an adapter with these exports lets a guest reach it.
    pub(super) fn reachable(&self, exports: &[String]) -> bool {
        self.needs.is_empty() || self.needs.iter().any(|needed| exports.iter().any(|export| export == needed))
    }
}

const PREOPEN_NAMES: &str = "preopen-names";

pub(super) const LONG_STRING: &str = "long-string-abort";
pub(super) const ALL_STRINGS: &str = "strings-over-64k";

const ISSUES: [KnownIssue; 12] = [
    KnownIssue {
        id: PREOPEN_NAMES,
        what: "with three or more preopened directories, those in the middle have wrong names",
        affected: &[">=23.0.0, <29.0.1"],
        fixed: Some("29.0.1"),
        needs: &["fd_prestat_dir_name"],
        in_proxy: false,
        link: "https://github.com/bytecodealliance/wasmtime/issues/10058",
    },
    KnownIssue {
        id: "readdir-endless",
        what: "fd_readdir does not report the end of a directory, so that reading a directory may never end",
        affected: &["<37.0.0"],
        fixed: Some("37.0.0"),
        needs: &["fd_readdir"],
        in_proxy: false,
        link: "https://github.com/bytecodealliance/wasmtime/issues/11701",
    },
    KnownIssue {
        id: ALL_STRINGS,
        what: "arguments, environment and names of preopens that take more than 54912 bytes together (before 14: 54904) \
             abort the guest",
        affected: &["<22.0.0"],
        fixed: Some("22.0.0"),
        needs: TAKES_STRINGS,
        in_proxy: false,
        link: "https://github.com/bytecodealliance/wasmtime/pull/8594",
    },
    KnownIssue {
        id: LONG_STRING,
        what: "one argument, environment variable or name of a preopen of about 58 KiB, or thousands of them, aborts the guest",
        affected: &["*"],
        fixed: None,
        needs: TAKES_STRINGS,
        in_proxy: false,
        link: "https://github.com/bytecodealliance/wasmtime/issues/8556",
    },
    KnownIssue {
        id: "shrunk-string-abort",
        what: "a host that shrinks a string while converting it (JavaScript) aborts the guest",
        affected: &["<23.0.0"],
        fixed: Some("23.0.0"),
        needs: TAKES_STRINGS,
        in_proxy: false,
        link: "https://github.com/bytecodealliance/wasmtime/pull/8749",
    },
    KnownIssue {
        id: "empty-read-abort",
        what: "reading into an empty buffer aborts the guest: with fd_pread on every host, with fd_read on hosts that \
             return no bytes instead of the end of the file (Wasmtime 21 to 24)",
        affected: &[">=23.0.0, <26.0.0"],
        fixed: Some("26.0.0"),
        needs: &["fd_pread", "fd_read"],
        in_proxy: false,
        link: "https://github.com/bytecodealliance/wasmtime/pull/9356",
    },
    KnownIssue {
        id: "empty-random-abort",
        what: "random_get into an empty buffer aborts the guest",
        affected: &[">=22.0.0, <26.0.0"],
        fixed: Some("26.0.0"),
        needs: &["random_get"],
        in_proxy: true,
        link: "https://github.com/bytecodealliance/wasmtime/pull/9356",
    },
    KnownIssue {
        id: "renumber-trap",
        what: "after fd_renumber of a descriptor onto itself, opening a file aborts the guest",
        affected: &["<24.0.4", ">=25.0.0, <33.0.2", ">=34.0.0, <34.0.2"],
        fixed: Some("24.0.4, 33.0.2, 34.0.2, 35.0.0"),
        needs: &["fd_renumber"],
        in_proxy: false,
        link: "https://github.com/bytecodealliance/wasmtime/pull/11277",
    },
    KnownIssue {
        id: "nonblocking-zero",
        what: "non-blocking reads and writes return 0 instead of EAGAIN",
        affected: &["<45.0.0"],
        fixed: Some("45.0.0"),
        needs: &["fd_read", "fd_write"],
        in_proxy: false,
        link: "https://github.com/bytecodealliance/wasmtime/pull/13111",
    },
    KnownIssue {
        id: "write-checks",
        what: "empty writes skip the permission check, fd_pwrite does not append, and a write-only file looks readable",
        affected: &["<23.0.0"],
        fixed: Some("23.0.0"),
        needs: &["fd_write", "fd_pwrite", "fd_fdstat_get"],
        in_proxy: false,
        link: "https://github.com/bytecodealliance/wasmtime/pull/8822",
    },
    KnownIssue {
        id: "set-rights-ignored",
        what: "fd_fdstat_set_rights does nothing and reports success",
        affected: &["<37.0.0"],
        fixed: Some("37.0.0"),
        needs: &["fd_fdstat_set_rights"],
        in_proxy: false,
        link: "https://github.com/bytecodealliance/wasmtime/pull/11550",
    },
    KnownIssue {
        id: "renumber-onto-closed",
        what: "fd_renumber onto a descriptor that is not open is accepted, and opening files later aborts the guest",
        affected: &["<24.0.10", ">=25.0.0, <36.0.11"],
        fixed: Some("24.0.10, 36.0.11, 37.0.0"),
        needs: &["fd_renumber"],
        in_proxy: false,
        link: "https://github.com/bytecodealliance/wasmtime/pull/13644",
    },
];

#[cfg(test)]
mod tests {
    //! The table is well formed, and its borders are where the source has them.

    use std::collections::BTreeSet;

    use super::*;

    fn affects(id: &str, version: &str) -> bool {
        let issue = ISSUES.iter().find(|issue| issue.id == id).unwrap();
        issue.affects(&version.parse().unwrap())
    }

    #[test]
    fn every_row_is_well_formed() {
        for issue in &ISSUES {
            for range in issue.affected {
                VersionReq::parse(range).unwrap();
            }
            assert!(!issue.affected.is_empty() && issue.link.starts_with("https://github.com/"), "{issue:?}");
            assert_eq!(issue.affects(&Version::new(50, 0, 1)), issue.fixed.is_none(), "{issue:?}");
            for fixed in issue.fixed.iter().flat_map(|fixed| fixed.split(", ")) {
                assert!(!issue.affects(&fixed.parse().unwrap()), "{}: {fixed}", issue.id);
            }
        }
        assert_eq!(ISSUES.iter().map(|issue| issue.id).collect::<BTreeSet<_>>().len(), ISSUES.len());
    }

    #[test]
    fn the_24_0_line_never_got_right_names() {
        for version in ["23.0.0", "23.0.3", "24.0.0", "24.0.13", "25.0.3", "27.0.0", "28.0.1", "29.0.0"] {
            assert!(affects("preopen-names", version), "{version}");
        }
        for version in ["17.0.1", "22.0.1", "29.0.1", "30.0.0", "36.0.20", "48.0.8"] {
            assert!(!affects("preopen-names", version), "{version}");
        }
    }

    #[test]
    fn borders_of_fixes_that_were_taken_back_to_older_lines() {
        for (id, has, has_not) in [
            (
                "renumber-trap",
                vec!["24.0.3", "25.0.0", "33.0.1", "34.0.1"],
                vec!["24.0.4", "33.0.2", "34.0.2", "35.0.0"],
            ),
            ("readdir-endless", vec!["24.0.13", "36.0.20"], vec!["37.0.0"]),
            ("empty-read-abort", vec!["23.0.1", "24.0.13", "25.0.3"], vec!["22.0.1", "26.0.0"]),
            ("empty-random-abort", vec!["22.0.0", "24.0.13", "25.0.3"], vec!["21.0.2", "26.0.0"]),
            ("renumber-onto-closed", vec!["24.0.9", "36.0.10"], vec!["24.0.10", "36.0.11", "37.0.0"]),
        ] {
            assert!(has.iter().all(|version| affects(id, version)), "{id}");
            assert!(!has_not.iter().any(|version| affects(id, version)), "{id}");
        }
    }
}
