//! Owns what is said of an embedded `wasi_snapshot_preview1` adapter: which it is, how that is known, what is wrong.

#[cfg(feature = "adapter-behaviour")]
mod behaviour;
#[rustfmt::skip]
mod data;
mod fingerprint;
mod identify;
mod issues;
mod module;
mod names;
mod strings;
mod warning;

use std::fmt;

use semver::Version;

#[cfg(feature = "adapter-behaviour")]
pub(super) use self::behaviour::Runner;
pub use self::fingerprint::Fingerprint;
use self::identify::{FEWEST_LINES, Found};
pub use self::issues::{KnownIssue, adapter_issues};
pub use self::strings::{RunStrings, StringBounds, StringKind, StringOverflow, StringsRead};
pub use self::warning::AdapterWarning;

/// An adapter in a guest.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AdapterReport {
    /// Where it is: the places of the components around it, from the outside in, and at last its own among the core
    /// modules, each counted from 0 among its like and joined by dots: `0.2`. Empty if the guest is itself an adapter.
    pub path: String,
    /// For which kind of guest it was made.
    pub flavour: AdapterFlavour,
    /// Which adapter it is, as far as that can be said.
    pub identity: AdapterIdentity,
    /// Why that is said.
    pub evidence: Vec<Evidence>,
    /// The version of the compiler that built it, as it says itself.
    pub rustc: Option<String>,
    /// The WASI modules it imports from, with versions. They alone do not tell its version.
    pub wasi: Vec<String>,
    /// The functions that were kept because the guest uses them.
    pub exports: Vec<String>,
    /// Every known flaw of adapters, and whether this one has it.
    pub issues: Vec<AdapterIssue>,
}

/// For which kind of guest an adapter was made.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum AdapterFlavour {
    /// A program with `_start`.
    Command,
    /// A library.
    Reactor,
    /// A server of HTTP requests: without files.
    Proxy,
    /// It cannot be told.
    Other,
}

/// Which adapter it is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AdapterIdentity {
    /// The published adapter of this Wasmtime release: its symbols and all of its code say so.
    Exact(Version),
    /// Its code is that of these published releases, which are alike in all that the guest kept. Not empty.
    OneOf(Vec<Version>),
    /// Not a published build, or one changed after the fact, from the source of one of the releases between these.
    SourceClass {
        /// The oldest release with this source.
        from: Version,
        /// The newest.
        to: Version,
    },
    /// Nothing about it is known for certain.
    Unknown,
}

/// A reason for, or against, an identity.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Evidence {
    /// Its symbol names carry the compiler's hash of exactly this release.
    Symbols(Version),
    /// Its symbol names carry a hash of no published release: a build of somebody's own.
    UnknownSymbols,
    /// So many of its functions have the code of one and the same published release, and so many it has.
    Code {
        /// Functions that are in at least one of the releases.
        known: usize,
        /// Functions it has.
        functions: usize,
        /// How many releases have all of them.
        releases: usize,
    },
    /// So many source lines are compiled in, and so many builds of Wasmtime's have all of them; none if there are too
    /// few.
    Lines {
        /// How many.
        lines: usize,
        /// How many builds have all of them, also builds of releases up to 22 that were not published.
        releases: usize,
    },
    /// Symbols and code say different things: it was changed after it was built, or is a forgery.
    Contradiction,
    /// It was run, and what it did shows whether it has a flaw. That is the flaw's status then.
    Observed {
        /// The name of the flaw.
        issue: &'static str,
        /// Whether it has it.
        flawed: bool,
        /// What would have been said of the flaw otherwise, if that is something else and not open.
        against: Option<IssueStatus>,
    },
    /// It was run to see whether it has a flaw, and nothing can be concluded.
    Unobserved {
        /// The name of the flaw.
        issue: &'static str,
        /// What was in the way.
        why: Obstacle,
    },
}

/// Why running an adapter shows nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Obstacle {
    /// It is no valid module, or uses what the interpreter does not know.
    Invalid,
    /// It needs an import that is not given.
    Import,
    /// It trapped.
    Trap,
    /// It needs more time or memory than it is given.
    Limit,
    /// It answers as no adapter would, with or without the flaw.
    UnexpectedResult,
}

/// A known flaw, and whether this adapter has it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AdapterIssue {
    /// The row of the table.
    pub issue: &'static KnownIssue,
    /// Whether it matters here.
    pub status: IssueStatus,
}

/// Whether an adapter has a flaw.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum IssueStatus {
    /// It has it, and the guest uses a function that may lead there.
    Affected,
    /// Every adapter it can be is free of it.
    NotAffected,
    /// It may have it, but what the guest uses does not lead there.
    Unreachable,
    /// It cannot be said.
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
    /// Says what can be said of a core module, if it has the shape of an adapter. See [`AdapterReport::path`].
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

    /// What would be said of its flaws if it were the adapter of this version, and for such guests.
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

/// Never "not affected" for lack of evidence: without a version the most that can be said is "unreachable".
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
            Self::Observed { issue, flawed, against } => {
                let does = if *flawed { "has" } else { "does not have" };
                write!(f, "when run, the adapter {does} the flaw {issue}")?;
                match against {
                    Some(other) => write!(f, ", which overrides the expected status {}", other.name()),
                    None => Ok(()),
                }
            }
            Self::Unobserved { issue, why } => {
                write!(f, "running the adapter was inconclusive about the flaw {issue}: {why}")
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
