//! Owns what is said of an embedded `wasi_snapshot_preview1` adapter: which it is, how that is known, what is wrong.

#[cfg(feature = "adapter-behaviour")]
mod behaviour;
#[rustfmt::skip]
mod data;
mod fingerprint;
mod issues;
mod module;
mod names;

use std::fmt;

use semver::Version;

#[cfg(feature = "adapter-behaviour")]
pub(super) use self::behaviour::Runner;
use self::data::{BUILDS, CODE, LINES, OLD_LINES, SETS, TOKENS};
pub use self::fingerprint::Fingerprint;
pub use self::issues::{KnownIssue, adapter_issues};

/// Fewer source lines than this say nothing: a set with no element is a subset of every set.
const FEWEST_LINES: usize = 8;

/// Code with fewer instructions than this may well be alike in adapters of different origin.
const FEWEST_INSTRUCTIONS: usize = 100;

/// Releases of Wasmtime whose adapter was not published as a package. Their source is like that of their neighbours,
/// so what is said of a range of releases must hold of them.
const UNPUBLISHED: [Version; 10] = [
    Version::new(23, 0, 0),
    Version::new(23, 0, 3),
    Version::new(24, 0, 2),
    Version::new(25, 0, 2),
    Version::new(25, 0, 3),
    Version::new(26, 0, 0),
    Version::new(26, 0, 1),
    Version::new(34, 0, 0),
    Version::new(35, 0, 0),
    Version::new(47, 0, 0),
];

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
    Odd,
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

impl AdapterReport {
    /// Says what can be said of a core module, if it has the shape of an adapter. See [`AdapterReport::path`].
    pub(super) fn of(wasm: &[u8], path: impl FnOnce() -> String) -> Option<Self> {
        let fingerprint = Fingerprint::of(wasm)?;
        let Found { identity, evidence, candidates } = identify(&fingerprint);
        let flavour = flavour(&fingerprint, &candidates);
        let versions = basis(&identity, &candidates);
        let issues = adapter_issues().iter().map(|issue| {
            let status = status(issue, flavour, &versions, &fingerprint.exports);
            AdapterIssue { issue, status }
        });
        let issues = issues.collect();
        let Fingerprint { exports, wasi, rustc, .. } = fingerprint;
        Some(Self { path: path(), flavour, identity, evidence, rustc, wasi, exports, issues })
    }

    /// The flaws that the guest can reach.
    pub fn affected(&self) -> impl Iterator<Item = &'static KnownIssue> {
        self.issues.iter().filter(|issue| issue.status == IssueStatus::Affected).map(|issue| issue.issue)
    }
}

/// What came of looking a fingerprint up.
struct Found {
    identity: AdapterIdentity,
    evidence: Vec<Evidence>,
    /// The builds it can be, or is like.
    candidates: Vec<Build>,
}

/// Looks a fingerprint up: symbols first, then code, then source lines. A weaker tier never overrules a stronger one;
/// and WASI versions, which many releases share, are not asked.
fn identify(fingerprint: &Fingerprint) -> Found {
    let mut evidence = Vec::new();
    let named = named(fingerprint, &mut evidence);
    let (known, alike) = same_code(&fingerprint.code);
    evidence.push(Evidence::Code { known, functions: fingerprint.code.len(), releases: alike.len() });
    if let Some(index) = named {
        if alike.contains(&index) {
            let build = BUILDS[index];
            return Found { identity: AdapterIdentity::Exact(build.version()), evidence, candidates: vec![build] };
        }
        evidence.push(Evidence::Contradiction);
    }
    // Symbols that no release has, or that the code belies: not one of the published builds.
    let stripped = named.is_none() && !fingerprint.names.symbols;
    if !alike.is_empty() && fingerprint.instructions >= FEWEST_INSTRUCTIONS {
        let candidates: Vec<Build> = alike.into_iter().map(|index| BUILDS[index]).collect();
        let versions = versions(&candidates);
        let identity = if stripped { AdapterIdentity::OneOf(versions) } else { class(&versions) };
        return Found { identity, evidence, candidates };
    }
    let mut candidates = same_lines(&fingerprint.lines);
    candidates.retain(|build| fits(fingerprint, build.0));
    evidence.push(Evidence::Lines { lines: fingerprint.lines.len(), releases: candidates.len() });
    Found { identity: class(&versions(&candidates)), evidence, candidates }
}

/// The build whose token the symbols carry.
fn named(fingerprint: &Fingerprint, evidence: &mut Vec<Evidence>) -> Option<usize> {
    let find = |token: &u64| TOKENS.binary_search_by_key(token, |(token, _)| *token).ok();
    match fingerprint.names.tokens.as_slice() {
        [token] => {
            if let Some(at) = find(token) {
                let index = usize::from(TOKENS[at].1);
                evidence.push(Evidence::Symbols(BUILDS[index].version()));
                return Some(index);
            }
            evidence.push(Evidence::UnknownSymbols);
        }
        [_, ..] => evidence.push(Evidence::Contradiction),
        [] => {}
    }
    None
}

/// How many of these functions are known, and the builds that have all of them.
fn same_code(code: &[u64]) -> (usize, Vec<usize>) {
    let mut counts = vec![0_usize; BUILDS.len()];
    let mut known = 0;
    for digest in code {
        if let Ok(at) = CODE.binary_search_by_key(digest, |(digest, _)| *digest) {
            known += 1;
            members(CODE[at].1).for_each(|build| counts[build] += 1);
        }
    }
    let whole = |build: &usize| !code.is_empty() && counts[*build] == code.len();
    (known, (0..BUILDS.len()).filter(whole).collect())
}

/// The builds, of old releases also unpublished ones, whose source has all of these lines; none if there are too few to tell.
fn same_lines(lines: &[u16]) -> Vec<Build> {
    if lines.len() < FEWEST_LINES {
        return Vec::new();
    }
    let holds = |all: &[u16]| lines.iter().all(|line| all.binary_search(line).is_ok());
    let published = LINES.iter().filter(|(all, _)| holds(all)).flat_map(|(_, set)| members(*set));
    let old = OLD_LINES.iter().filter(|(all, ..)| holds(all)).flat_map(|(_, flavour, releases)| {
        releases.iter().map(|(major, minor, patch)| Build(*flavour, *major, *minor, *patch))
    });
    old.chain(published.map(|index| BUILDS[index])).collect()
}

/// The members of a set of builds.
fn members(set: u16) -> impl Iterator<Item = usize> {
    let ranges = SETS.get(usize::from(set)).copied().unwrap_or_default();
    ranges.iter().flat_map(|(first, last)| usize::from(*first)..=usize::from(*last))
}

/// Their versions, ascending, each once.
fn versions(builds: &[Build]) -> Vec<Version> {
    let mut versions: Vec<Version> = builds.iter().map(|build| build.version()).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

fn class(versions: &[Version]) -> AdapterIdentity {
    match versions {
        [] => AdapterIdentity::Unknown,
        [from, .., to] => AdapterIdentity::SourceClass { from: from.clone(), to: to.clone() },
        [only] => AdapterIdentity::SourceClass { from: only.clone(), to: only.clone() },
    }
}

/// The versions that what is said of the flaws must hold of.
fn basis(identity: &AdapterIdentity, candidates: &[Build]) -> Vec<Version> {
    let mut versions = versions(candidates);
    if let AdapterIdentity::SourceClass { from, to } = identity {
        versions.extend(UNPUBLISHED.into_iter().filter(|version| from <= version && version <= to));
    }
    versions
}

fn flavour(fingerprint: &Fingerprint, candidates: &[Build]) -> AdapterFlavour {
    if let [first, rest @ ..] = candidates
        && rest.iter().all(|build| build.0 == first.0)
    {
        return first.0;
    }
    match (is_command(fingerprint), has_files(fingerprint)) {
        (true, _) => AdapterFlavour::Command,
        (false, true) => AdapterFlavour::Reactor,
        // Proxies have no files; what else has none cannot be told.
        (false, false) => AdapterFlavour::Other,
    }
}

/// Whether what it imports and exports allows this flavour.
fn fits(fingerprint: &Fingerprint, flavour: AdapterFlavour) -> bool {
    match flavour {
        AdapterFlavour::Command => is_command(fingerprint),
        AdapterFlavour::Reactor => !is_command(fingerprint),
        _ => !is_command(fingerprint) && !has_files(fingerprint),
    }
}

fn is_command(fingerprint: &Fingerprint) -> bool {
    fingerprint.exports.iter().any(|name| name.starts_with("wasi:cli/run@"))
}

fn has_files(fingerprint: &Fingerprint) -> bool {
    fingerprint.wasi.iter().any(|name| name.starts_with("wasi:filesystem/"))
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
            Self::Invalid => "it is no valid module",
            Self::Import => "it needs an import that is not given",
            Self::Trap => "it trapped",
            Self::Limit => "it needs more time or memory than it is given",
            Self::Odd => "no adapter answers so",
        })
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symbols(version) => write!(f, "its symbols are those of {version}"),
            Self::UnknownSymbols => f.write_str("its symbols are of no published build"),
            Self::Code { known, functions, releases } => {
                write!(
                    f,
                    "{known} of its {functions} functions are known; {releases} published builds have all of them"
                )
            }
            Self::Lines { lines, .. } if *lines < FEWEST_LINES => {
                write!(f, "only {lines} source lines are compiled in: too few to tell")
            }
            Self::Lines { lines, releases } => {
                write!(f, "{lines} source lines are compiled in; {releases} builds of Wasmtime have all of them")
            }
            Self::Contradiction => f.write_str("its symbols and its code do not belong together"),
            Self::Observed { issue, flawed, against } => {
                let does = if *flawed { "has" } else { "does not have" };
                write!(f, "run, it {does} the flaw {issue}")?;
                match against {
                    Some(other) => write!(f, ", which counts though {} was to be expected", other.name()),
                    None => Ok(()),
                }
            }
            Self::Unobserved { issue, why } => {
                write!(f, "run, it does not show whether it has the flaw {issue}: {why}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! The tables are in order, and nothing is concluded from nothing.

    use super::*;

    #[test]
    fn the_tables_can_be_searched() {
        assert!(TOKENS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(CODE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(LINES.iter().all(|(lines, _)| lines.windows(2).all(|pair| pair[0] < pair[1])));
        assert!(TOKENS.iter().all(|(_, build)| usize::from(*build) < BUILDS.len()));
        assert!(CODE.iter().all(|(_, set)| usize::from(*set) < SETS.len()));
        assert!(
            SETS.iter()
                .flat_map(|set| set.iter())
                .all(|(first, last)| first <= last && usize::from(*last) < BUILDS.len())
        );
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let found = identify(&Fingerprint::default());
        assert_eq!(found.identity, AdapterIdentity::Unknown);
        let names = adapter_issues().iter().find(|issue| issue.id == "preopen-names").unwrap();
        let status = |exports: &[String]| super::status(names, AdapterFlavour::Other, &[], exports);
        assert_eq!(status(&[]), IssueStatus::Unreachable);
        assert_eq!(status(&["fd_prestat_dir_name".to_owned()]), IssueStatus::Unknown);
    }

    #[test]
    fn sources_without_published_builds_are_told_apart() {
        let class = |lines: &[u16]| {
            let fingerprint = Fingerprint { lines: lines.to_vec(), ..Fingerprint::default() };
            identify(&fingerprint).identity.to_string()
        };
        for (lines, flavour, releases) in OLD_LINES {
            assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "{flavour:?}");
            let version = |(major, minor, patch): (u16, u16, u16)| format!("{major}.{minor}.{patch}");
            let expected = (version(releases[0]), version(releases[releases.len() - 1]));
            // What this proves of commands is told apart by exports, which there are none of here.
            if flavour == AdapterFlavour::Reactor {
                assert_eq!(class(lines), format!("unpublished build, source like {} to {}", expected.0, expected.1));
            }
        }
        // The same in 16 and 21, so nothing between is ruled out.
        assert_eq!(class(&[184, 214, 252, 256, 269, 276, 279, 290]), "unpublished build, source like 16.0.0 to 21.0.2");
        assert_eq!(class(&[184, 214, 252, 256, 269, 276, 279]), "unknown");
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
