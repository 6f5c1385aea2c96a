//! Owns the report about an embedded `wasi_snapshot_preview1` adapter: identity, evidence and flaws.

#[cfg(feature = "adapter-behaviour")]
mod behaviour;
#[rustfmt::skip]
mod data;
mod fingerprint;
mod identify;
mod issues;
mod module;
mod names;
mod overflow;
mod strings;
mod warning;

use std::fmt;

use semver::Version;

#[cfg(feature = "adapter-behaviour")]
pub(super) use self::behaviour::Runner;
pub use self::fingerprint::Fingerprint;
use self::identify::{FEWEST_LINES, Found};
pub use self::issues::{KnownIssue, adapter_issues};
pub use self::overflow::{StringKind, StringOverflow};
pub use self::strings::{RunStrings, StringBounds, StringsRead};
pub use self::warning::AdapterWarning;

/// An adapter in a guest.
///
/// ```
/// use wasmtime_compat_guest::report::{AdapterFlavour, GuestReport};
///
/// # let module = wat::parse_str(
/// #     r#"(module
/// #     (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
/// #     (memory (export "memory") 1)
/// #     (func (export "_start") (drop (call $name (i32.const 3) (i32.const 0) (i32.const 0)))))"#,
/// # )
/// # .unwrap();
/// # let adapter = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// # let mut encoder = wit_component::ComponentEncoder::default();
/// # encoder.module(&module).unwrap().adapter("wasi_snapshot_preview1", adapter).unwrap();
/// # let wasm = encoder.encode().unwrap();
/// // `wasm` is a component that queries the names of its preopens, with the adapter of Wasmtime 24.0.13.
/// let adapter = GuestReport::parse(&wasm)?.adapters.remove(0);
/// assert_eq!(adapter.flavour, AdapterFlavour::Command);
/// assert_eq!(adapter.identity.to_string(), "24.0.13");
/// assert!(adapter.affected().any(|issue| issue.id == "preopen-names"));
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AdapterReport {
    /// The place of the adapter: the indices of the components around it, from the outside in, then its index among the
    /// core modules, each counted from 0 and joined by dots: `0.2`. Empty if the guest is itself an adapter.
    pub path: String,
    /// The kind of guest for which the adapter was made.
    pub flavour: AdapterFlavour,
    /// The identity of the adapter, as far as it can be determined.
    pub identity: AdapterIdentity,
    /// The evidence for the identity.
    pub evidence: Vec<Evidence>,
    /// The version of the compiler that built the adapter, as recorded in the adapter.
    pub rustc: Option<String>,
    /// The WASI modules from which the adapter imports, with versions. They alone do not identify the adapter's
    /// version.
    pub wasi: Vec<String>,
    /// The functions that were kept because the guest uses them.
    pub exports: Vec<String>,
    /// Every known flaw of adapters, and whether this adapter has it.
    pub issues: Vec<AdapterIssue>,
}

/// The kind of guest for which an adapter was made.
///
/// ```
/// use wasmtime_compat_guest::report::{AdapterFlavour, GuestReport};
///
/// # let wasm = adapter_48::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER;
/// // `wasm` is the adapter for libraries of Wasmtime 48.0.8 as published; an adapter is a guest, too.
/// let adapter = GuestReport::parse(wasm)?.adapters.remove(0);
/// assert_eq!(adapter.flavour, AdapterFlavour::Reactor);
/// assert_eq!(adapter.flavour.name(), "reactor");
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum AdapterFlavour {
    /// A program with `_start`.
    Command,
    /// A library.
    Reactor,
    /// A server of HTTP requests: without files.
    Proxy,
    /// The kind cannot be determined.
    Other,
}

/// The identity of an adapter.
///
/// ```
/// use wasmtime_compat_guest::report::{AdapterIdentity, GuestReport};
///
/// # let wasm = adapter_48::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `wasm` is the command adapter of Wasmtime 48.0.8 as published; an adapter is a guest, too.
/// let adapter = GuestReport::parse(wasm)?.adapters.remove(0);
/// let oldest = match &adapter.identity {
///     AdapterIdentity::Exact(version) | AdapterIdentity::SourceClass { from: version, .. } => Some(version),
///     AdapterIdentity::OneOf(versions) => versions.first(),
///     _ => None,
/// };
/// assert_eq!(oldest.map(|version| version.to_string()).as_deref(), Some("48.0.8"));
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AdapterIdentity {
    /// The published adapter of this Wasmtime release: the symbols and all of the code show that.
    Exact(Version),
    /// The code is that of these published releases, which are equal in all parts that the guest kept. Not empty.
    OneOf(Vec<Version>),
    /// Not a build from the registry, or one changed after the fact, from the source of one of the releases between
    /// these. Releases before 23.0.1 were not published in the registry, so their own builds are identified only as far.
    SourceClass {
        /// The oldest release with this source.
        from: Version,
        /// The newest.
        to: Version,
    },
    /// The identity is not known.
    Unknown,
}

/// A reason for, or against, an identity.
///
/// ```
/// use wasmtime_compat_guest::report::{Evidence, GuestReport};
///
/// # let wasm = adapter_48::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `wasm` is the command adapter of Wasmtime 48.0.8 as published; an adapter is a guest, too.
/// let adapter = GuestReport::parse(wasm)?.adapters.remove(0);
/// for evidence in &adapter.evidence {
///     println!("{evidence}");
/// }
/// let [Evidence::Symbols(version), Evidence::Code { known, functions, .. }] = &adapter.evidence[..] else { panic!() };
/// assert_eq!((version.to_string().as_str(), known), ("48.0.8", functions));
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Evidence {
    /// The symbol names contain the compiler's hash of exactly this release.
    Symbols(Version),
    /// The symbol names contain a hash that is not that of a published release: a private build.
    UnknownSymbols,
    /// A number of functions have the code of published releases.
    Code {
        /// Functions whose code is in at least one release.
        known: usize,
        /// All functions of the adapter.
        functions: usize,
        /// Releases that contain all of the functions.
        releases: usize,
    },
    /// Source lines are compiled in, and a number of Wasmtime's builds contain all of them; none if the lines are too
    /// few.
    Lines {
        /// The number of source lines.
        lines: usize,
        /// The number of builds that contain all of them, including unpublished builds of releases up to 22.
        releases: usize,
    },
    /// Symbols and code do not match: the adapter was changed after the build, or is forged.
    Contradiction,
    /// The adapter was run, and its behaviour shows whether it has a flaw. The observation determines the flaw's
    /// status.
    Observed {
        /// The name of the flaw.
        issue: &'static str,
        /// Whether the adapter has the flaw.
        flawed: bool,
        /// The status that follows from the identity, if the observation contradicts it.
        predicted: Option<IssueStatus>,
    },
    /// The adapter was run to determine whether it has a flaw, without a conclusive result.
    Inconclusive {
        /// The name of the flaw.
        issue: &'static str,
        /// The reason.
        obstacle: Obstacle,
    },
}

/// The reason why running an adapter is inconclusive.
///
/// ```
/// # #[cfg(feature = "adapter-behaviour")]
/// # fn main() -> wasmtime_compat_guest::Result<()> {
/// use wasmtime_compat_guest::report::{Evidence, GuestReport, Obstacle};
///
/// // What looks like an adapter, and traps.
/// let text = r#"(component (core module
///     (import "env" "memory" (memory 0))
///     (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func (param i32)))
///     (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) unreachable)))"#;
/// let wasm = wat::parse_str(text).unwrap();
/// let adapter = GuestReport::observe(&wasm)?.adapters.remove(0);
/// assert!(adapter.evidence.contains(&Evidence::Inconclusive { issue: "preopen-names", obstacle: Obstacle::Trap }));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "adapter-behaviour"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Obstacle {
    /// The adapter is not a valid module, or uses a feature that the interpreter lacks.
    Invalid,
    /// The adapter needs an import that is not provided.
    Import,
    /// The adapter trapped.
    Trap,
    /// The adapter exceeded the limits on time or memory.
    Limit,
    /// The adapter returned a result that no adapter returns, with or without the flaw.
    UnexpectedResult,
}

/// A known flaw, and whether this adapter has it.
///
/// ```
/// use wasmtime_compat_guest::report::{GuestReport, IssueStatus};
///
/// # let wasm = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `wasm` is the command adapter of Wasmtime 24.0.13 as published; an adapter is a guest, too.
/// let adapter = GuestReport::parse(wasm)?.adapters.remove(0);
/// let affected = adapter.issues.iter().filter(|issue| issue.status == IssueStatus::Affected);
/// let affected: Vec<&str> = affected.map(|issue| issue.issue.id).collect();
/// assert!(affected.contains(&"preopen-names") && !affected.contains(&"strings-over-64k"));
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AdapterIssue {
    /// The row of the table.
    pub issue: &'static KnownIssue,
    /// Whether the adapter has the flaw.
    pub status: IssueStatus,
}

/// Whether an adapter has a flaw.
///
/// ```
/// use wasmtime_compat_guest::report::{GuestReport, IssueStatus};
///
/// # let old = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// # let new = adapter_29::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `old` and `new` are the command adapters of Wasmtime 24.0.13 and 29.0.1 as published.
/// for (wasm, expected) in [(old, IssueStatus::Affected), (new, IssueStatus::NotAffected)] {
///     let adapter = GuestReport::parse(wasm)?.adapters.remove(0);
///     let names = adapter.issues.iter().find(|issue| issue.issue.id == "preopen-names").unwrap();
///     assert_eq!(names.status, expected);
/// }
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum IssueStatus {
    /// The adapter has the flaw, and the guest uses a function that can reach it.
    Affected,
    /// No adapter with a possible identity has the flaw.
    NotAffected,
    /// The adapter may have the flaw, but the functions that the guest uses do not reach it.
    Unreachable,
    /// The status cannot be determined.
    Unknown,
}

/// A published build: what the index in the tables means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Build(AdapterFlavour, u16, u16, u16);

/// Source lines of releases that have no published build.
type OldLines = (&'static [u16], AdapterFlavour, &'static [(u16, u16, u16)]);

impl Build {
    fn version(self) -> Version {
        Version::new(self.1.into(), self.2.into(), self.3.into())
    }
}

/// Whether adapters of this Wasmtime release can exist: its build is among those published, or the release is of a major
/// from before any was published.
#[cfg(feature = "readapt")]
pub(crate) fn may_be_of(version: &Version) -> bool {
    let published = data::BUILDS.map(Build::version);
    let first = published.iter().map(|version| version.major).min().unwrap_or_default();
    published.contains(version) || ((1..first).contains(&version.major) && version.pre.is_empty())
}

impl AdapterIdentity {
    /// Whether the adapter can be that of this release. Of an unknown adapter nothing is ruled out.
    #[cfg(feature = "readapt")]
    pub(crate) fn allows(&self, version: &Version) -> bool {
        match self {
            Self::Exact(exact) => exact == version,
            Self::OneOf(versions) => versions.contains(version),
            Self::SourceClass { from, to } => (from..=to).contains(&version),
            Self::Unknown => true,
        }
    }
}

impl AdapterReport {
    /// The report about a core module, if the module has the structure of an adapter. See [`AdapterReport::path`].
    pub(super) fn of(wasm: &[u8], path: impl FnOnce() -> String) -> Option<Self> {
        let fingerprint = Fingerprint::of(wasm)?;
        let Found { identity, evidence, candidates } = identify::identify(&fingerprint);
        let flavour = identify::flavour(&fingerprint, &candidates);
        let versions = identify::basis(&identity, &candidates);
        let issues = adapter_issues().iter().map(|issue| {
            let status = status(issue, flavour, &versions, &fingerprint.exports);
            AdapterIssue { issue, status }
        });
        let issues = issues.collect();
        let Fingerprint { exports, wasi, rustc, .. } = fingerprint;
        Some(Self { path: path(), flavour, identity, evidence, rustc, wasi, exports, issues })
    }

    /// The flaws of the adapter under the assumption of this version and flavour.
    #[cfg(feature = "readapt")]
    pub(crate) fn issues_of(&self, flavour: AdapterFlavour, version: &Version) -> Vec<AdapterIssue> {
        let status = |issue| status(issue, flavour, std::slice::from_ref(version), &self.exports);
        adapter_issues().iter().map(|issue| AdapterIssue { issue, status: status(issue) }).collect()
    }

    /// The flaws that the guest can reach.
    pub fn affected(&self) -> impl Iterator<Item = &'static KnownIssue> {
        self.issues.iter().filter(|issue| issue.status == IssueStatus::Affected).map(|issue| issue.issue)
    }
}

/// Never "not affected" for lack of evidence: without a version the strongest result is "unreachable".
fn status(issue: &KnownIssue, flavour: AdapterFlavour, versions: &[Version], exports: &[String]) -> IssueStatus {
    let affected = versions.iter().filter(|version| issue.affects(version)).count();
    // It may be a proxy, which has no files to go wrong with.
    let may_be_free = flavour == AdapterFlavour::Other && !issue.in_proxy;
    if !versions.is_empty() && (affected == 0 || flavour == AdapterFlavour::Proxy && !issue.in_proxy) {
        IssueStatus::NotAffected
    } else if !issue.reachable(exports) {
        IssueStatus::Unreachable
    } else if !versions.is_empty() && affected == versions.len() && !may_be_free {
        IssueStatus::Affected
    } else {
        IssueStatus::Unknown
    }
}

impl AdapterFlavour {
    /// `command`, `reactor`, `proxy` or `other`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Reactor => "reactor",
            Self::Proxy => "proxy",
            Self::Other => "other",
        }
    }
}

impl IssueStatus {
    /// `affected`, `not-affected`, `unreachable` or `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::NotAffected => "not-affected",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for AdapterIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(version) => write!(f, "{version}"),
            Self::OneOf(versions) => {
                let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
                write!(f, "one of {}", versions.join(", "))
            }
            Self::SourceClass { from, to } if from == to => write!(f, "unpublished build, source like {from}"),
            Self::SourceClass { from, to } => write!(f, "unpublished build, source like {from} to {to}"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid => "the adapter is not a valid module",
            Self::Import => "the adapter needs an import that is not provided",
            Self::Trap => "the adapter trapped",
            Self::Limit => "the adapter exceeded the limits on time or memory",
            Self::UnexpectedResult => "unexpected result",
        })
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symbols(version) => write!(f, "the symbols are those of {version}"),
            Self::UnknownSymbols => f.write_str("the symbols are not those of a published build"),
            Self::Code { known, functions, releases } => {
                write!(f, "{known} of {functions} functions are known; {releases} published builds contain all of them")
            }
            Self::Lines { lines, .. } if *lines < FEWEST_LINES => {
                write!(f, "only {lines} source lines are compiled in: too few to identify a release")
            }
            Self::Lines { lines, releases } => {
                write!(f, "{lines} source lines are compiled in; {releases} builds of Wasmtime contain all of them")
            }
            Self::Contradiction => f.write_str("the symbols and the code do not match"),
            Self::Observed { issue, flawed, predicted } => {
                let does = if *flawed { "has" } else { "does not have" };
                write!(f, "when run, the adapter {does} the flaw {issue}")?;
                match predicted {
                    Some(other) => write!(f, ", which overrides the expected status {}", other.name()),
                    None => Ok(()),
                }
            }
            Self::Inconclusive { issue, obstacle } => {
                write!(f, "running the adapter was inconclusive about the flaw {issue}: {obstacle}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! What is said of a flaw holds of every version that the adapter can have.

    use super::*;

    #[test]
    fn without_a_version_nothing_is_ruled_out() {
        let names = adapter_issues().iter().find(|issue| issue.id == "preopen-names").unwrap();
        let status = |exports: &[String]| super::status(names, AdapterFlavour::Other, &[], exports);
        assert_eq!(status(&[]), IssueStatus::Unreachable);
        assert_eq!(status(&["fd_prestat_dir_name".to_owned()]), IssueStatus::Unknown);
    }

    #[test]
    fn candidates_that_disagree_leave_it_open() {
        let names = adapter_issues().iter().find(|issue| issue.id == "preopen-names").unwrap();
        let exports = ["fd_prestat_dir_name".to_owned()];
        let status = |flavour, versions: &[Version]| super::status(names, flavour, versions, &exports);
        let (bad, good) = (Version::new(24, 0, 13), Version::new(36, 0, 0));
        assert_eq!(status(AdapterFlavour::Command, &[bad.clone(), good.clone()]), IssueStatus::Unknown);
        assert_eq!(status(AdapterFlavour::Command, std::slice::from_ref(&bad)), IssueStatus::Affected);
        assert_eq!(status(AdapterFlavour::Other, std::slice::from_ref(&bad)), IssueStatus::Unknown);
        assert_eq!(status(AdapterFlavour::Proxy, &[bad]), IssueStatus::NotAffected);
        assert_eq!(status(AdapterFlavour::Command, &[good]), IssueStatus::NotAffected);
    }
}
