//! Owns the facts about the supported Wasmtime releases that hold before one runs.

use std::fmt;
use std::hash::{Hash, Hasher};

use semver::Version;

use super::releases::RELEASES;

/// The three generations of Wasmtime's embedding API.
///
/// ```
/// use wasmtime_compat_guest::report::{Generation, releases};
///
/// let of = |major: u64| releases().iter().find(|release| release.major == major).unwrap().generation;
/// assert_eq!([of(19), of(20), of(29)], [Generation::Pre20, Generation::Since20, Generation::Since29]);
/// assert_eq!(Generation::Since29.name(), "since-29");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Generation {
    /// Before 20: directories are opened by the caller.
    Pre20,
    /// 20 to 28: directories are given as paths.
    Since20,
    /// 29 and later.
    Since29,
}

/// Facts about a supported major that are known before it runs.
///
/// ```
/// use wasmtime_compat_guest::report::releases;
///
/// let release = releases().iter().find(|release| release.major == 36).unwrap();
/// assert!(release.lts && release.pin.starts_with("36."));
/// assert_eq!((release.p2, release.p3), ("0.2.6", None));
/// // ISO 8601 days can be compared as text.
/// assert!(release.released < "2026-01-01" && "2026-01-01" < release.end_of_life);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Release {
    /// The major version number.
    pub major: u64,
    /// The version this crate is tested with.
    pub pin: &'static str,
    /// Its API generation.
    pub generation: Generation,
    /// The WASI 0.2 version it hosts.
    pub p2: &'static str,
    /// The WASI 0.3 version it hosts, if it hosts any. Release candidates do not count.
    pub p3: Option<&'static str>,
    /// Whether it is a long-term support release.
    pub lts: bool,
    /// Release day, ISO 8601.
    pub released: &'static str,
    /// Last day of support by Wasmtime's release process, ISO 8601.
    pub end_of_life: &'static str,
    /// The oldest Rust that builds it.
    pub rust_version: &'static str,
}

/// The supported majors, oldest first, compiled in or not.
pub fn releases() -> &'static [Release] {
    RELEASES
}

impl Generation {
    /// `pre-20`, `since-20` or `since-29`: also the cargo feature with its recommended major.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pre20 => "pre-20",
            Self::Since20 => "since-20",
            Self::Since29 => "since-29",
        }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The WASI 0.2 version that `major` hosts.
pub fn hosted_p2(major: u64) -> Version {
    version_or(release(major).p2, 0)
}

/// The WASI 0.3 version that `major` hosts, if it hosts any.
pub fn hosted_p3(major: u64) -> Option<Version> {
    release(major).p3.and_then(|version| Version::parse(version).ok())
}

/// The first major that hosts WASI 0.3.
pub fn p3_since() -> Option<u64> {
    RELEASES.iter().find(|release| release.p3.is_some()).map(|release| release.major)
}

/// The version in `text`, or the first one of `major`.
pub fn version_or(text: &str, major: u64) -> Version {
    Version::parse(text).unwrap_or_else(|_| Version::new(major, 0, 0))
}

/// The facts about `major`.
pub fn release(major: u64) -> Release {
    let known = RELEASES.iter().find(|release| release.major == major);
    // The table and the majors are generated from one list, so every major is in it.
    known.unwrap_or(&RELEASES[0]).clone()
}

/// Digests what a `Hash` feeds it: FNV-1a with 64 bits, the same on every run and in every Rust version.
pub fn digest(value: impl Hash) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    value.hash(&mut hasher);
    hasher.finish()
}

struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
