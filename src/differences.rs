//! Owns the table of known differences: what cannot be made the same on every major.

use semver::{Version, VersionReq};

/// Something that guests see differently depending on the Wasmtime, and that this crate cannot even out.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// A short name.
    pub id: &'static str,
    /// The versions that behave as described, as semver requirements of which any may match: fixes are backported.
    pub versions: &'static [&'static str],
    /// What those versions do and the others do not.
    pub what: &'static str,
    /// Where the behaviour comes from.
    pub link: &'static str,
}

impl Difference {
    /// Whether this exact Wasmtime behaves as described.
    pub fn applies_to(&self, wasmtime: &Version) -> bool {
        self.versions.iter().any(|range| VersionReq::parse(range).is_ok_and(|range| range.matches(wasmtime)))
    }
}

/// Every known difference, ordered by name.
pub fn known_differences() -> &'static [Difference] {
    KNOWN
}

const KNOWN: &[Difference] = &[Difference {
    id: "exact-wasi-imports",
    versions: &["<19"],
    what: "a component can import WASI 0.2.0 only: names are compared exactly, so one built against 0.2.1 or \
               later is refused (with both versions in the error)",
    link: "https://github.com/bytecodealliance/wasmtime/blob/release-19.0.0/RELEASES.md",
}];
