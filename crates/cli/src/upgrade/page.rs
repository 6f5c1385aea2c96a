//! Owns the page as data: everything that is known about the way from one release to another.

use semver::Version;
use serde::Serialize;
use wasmtime_compat::report::{Proposal, Release, Severity, advisories, advisories_taken};

use super::args::UpgradeArgs;
use super::changes::{self, Changed};
use super::guests::GuestPage;
use super::sources::SourcesPage;
use crate::advisories::Advisory;
use crate::failure::Failure;
use crate::json::SCHEMA;
use crate::pick::Exact;

/// The page.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    schema: u32,
    pub(super) from: Side,
    pub(super) to: Side,
    pub(super) advisories: Advisories,
    pub(super) guests: Vec<GuestPage>,
    /// What the sources of the host use that changes, if they were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sources: Option<SourcesPage>,
    pub(super) differences: Vec<Changed>,
    pub(super) proposals: Vec<SwitchedProposal>,
    pub(super) defaults: Vec<SwitchedDefault>,
    pub(super) precompiled: Precompiled,
}

/// One of the two releases.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Side {
    pub(super) major: u64,
    pub(super) wasmtime: String,
    pub(super) released: &'static str,
    pub(super) lts: bool,
    pub(super) end_of_life: &'static str,
    pub(super) rust_version: &'static str,
    pub(super) generation: &'static str,
    pub(super) wasi_p2: &'static str,
    pub(super) wasi_p3: Option<&'static str>,
}

/// How the published security advisories change. The worst come first.
#[derive(Debug, Serialize)]
pub(super) struct Advisories {
    /// The day on which the database was read.
    pub(super) taken: &'static str,
    /// Those of the first release only.
    pub(super) gone: Vec<Advisory>,
    /// Those of the second release only.
    pub(super) new: Vec<Advisory>,
    /// Those of both.
    pub(super) remaining: Vec<Advisory>,
}

/// A proposal that is on by default in one of the releases only.
#[derive(Debug, Serialize)]
pub(super) struct SwitchedProposal {
    pub(super) name: &'static str,
    /// Whether it is on in the second release.
    pub(super) on: bool,
}

/// Something else about default engines that changes.
#[derive(Debug, Serialize)]
pub(super) struct SwitchedDefault {
    pub(super) what: &'static str,
    /// Whether it is so in the second release.
    pub(super) holds: bool,
}

/// What becomes of guests that are compiled already.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Precompiled {
    /// Everything loads.
    Loads,
    /// Wasmtime loads it; artefacts of the library have the exact version, and do not.
    LoadsInWasmtimeOnly,
    /// Nothing loads.
    CompileAgain,
}

/// From this major on Wasmtime loads what any release of its major compiled.
const LOADS_WITHIN_MAJOR: u64 = 38;

impl Page {
    /// Computes the page. With `--try` the guests are run.
    pub(super) fn new(from: &Exact, to: &Exact, args: &UpgradeArgs) -> Result<Self, Failure> {
        let guests = args.guests.iter().map(|path| GuestPage::new(path, from, to, args));
        let guests: Vec<GuestPage> = guests.collect::<Result<_, _>>()?;
        let read = |folder| SourcesPage::new(folder, from.release.major, to.release.major);
        let sources = args.sources.as_deref().map(read).transpose()?;
        Ok(Self {
            schema: SCHEMA,
            from: Side::new(from),
            to: Side::new(to),
            advisories: Advisories::new(&from.version, &to.version),
            differences: changes::between(&from.version, &to.version, &guests),
            proposals: proposals(from.release.major, to.release.major),
            defaults: defaults(&from.release, &to.release),
            precompiled: Precompiled::new(&from.version, &to.version),
            sources,
            guests,
        })
    }
}

impl Side {
    fn new(exact: &Exact) -> Self {
        let Release { major, released, lts, end_of_life, rust_version, generation, p2, p3, .. } = exact.release;
        Self {
            major,
            wasmtime: exact.version.to_string(),
            released,
            lts,
            end_of_life,
            rust_version,
            generation: generation.name(),
            wasi_p2: p2,
            wasi_p3: p3,
        }
    }
}

impl Advisories {
    fn new(from: &Version, to: &Version) -> Self {
        let mut all: Vec<_> = advisories().iter().collect();
        all.sort_by_key(|advisory| std::cmp::Reverse(advisory.severity));
        let of = |before: bool, after: bool| {
            let matching = all.iter().filter(|it| (it.affects(from), it.affects(to)) == (before, after));
            matching.map(|advisory| Advisory::from(*advisory)).collect()
        };
        Self { taken: advisories_taken(), gone: of(true, false), new: of(false, true), remaining: of(true, true) }
    }

    /// The worst severity among some advisories, if one has a rating.
    pub(super) fn worst(some: &[Advisory]) -> Option<&'static str> {
        let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low].map(Severity::name);
        severities.into_iter().find(|name| some.iter().any(|advisory| advisory.severity == Some(name)))
    }
}

impl Precompiled {
    fn new(from: &Version, to: &Version) -> Self {
        if from == to {
            Self::Loads
        } else if from.major == to.major && to.major >= LOADS_WITHIN_MAJOR {
            Self::LoadsInWasmtimeOnly
        } else {
            Self::CompileAgain
        }
    }

    /// In a sentence.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Loads => "guests that are compiled already load as before",
            Self::LoadsInWasmtimeOnly => {
                "Wasmtime loads code that any release of the same major compiled; artefacts of this library \
                 (`Engine::precompile`, `Cache`) carry the exact version and must be compiled again"
            }
            Self::CompileAgain => {
                "guests that are compiled already are refused and must be compiled again; entries of a `Cache` are \
                 replaced without an action"
            }
        }
    }
}

fn proposals(from: u64, to: u64) -> Vec<SwitchedProposal> {
    let changed = Proposal::ALL.iter().filter(|proposal| proposal.is_default(from) != proposal.is_default(to));
    changed.map(|proposal| SwitchedProposal { name: proposal.name(), on: proposal.is_default(to) }).collect()
}

/// A default, in words, and whether a release has it.
type Default = (&'static str, fn(&Release) -> bool);

fn defaults(from: &Release, to: &Release) -> Vec<SwitchedDefault> {
    let all: [Default; 3] = [
        ("guests can create memories that threads share", Release::has_shared_memory),
        ("tables with more than 10,000,000 elements at the start are compiled", Release::has_long_tables),
        ("imports of WASI 0.2 match every compatible version of the host", Release::has_semver_imports),
    ];
    let changed = all.into_iter().filter(|(_, holds)| holds(from) != holds(to));
    changed.map(|(what, holds)| SwitchedDefault { what, holds: holds(to) }).collect()
}

#[cfg(test)]
mod tests {
    //! Each part of the page follows from the two releases.

    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn advisories_go_and_come() {
        let ids = |some: &[Advisory]| some.iter().map(|advisory| advisory.id).collect::<Vec<_>>();
        let changes = Advisories::new(&version("45.0.3"), &version("46.0.0"));
        assert_eq!(ids(&changes.new), ["RUSTSEC-2026-0188", "RUSTSEC-2026-0223"]);
        assert_eq!((ids(&changes.gone), ids(&changes.remaining)), (vec![], vec!["RUSTSEC-2026-0222"]));
        assert_eq!((Advisories::worst(&changes.new), Advisories::worst(&[])), (Some("medium"), None));
        let changes = Advisories::new(&version("42.0.2"), &version("48.0.8"));
        assert_eq!((changes.new.len(), changes.remaining.len()), (0, 0));
        assert!(changes.gone.first().is_some_and(|worst| worst.severity == Some("high")));
    }

    #[test]
    fn proposals_are_switched() {
        let switched = |from, to| proposals(from, to).iter().map(|it| (it.name, it.on)).collect::<Vec<_>>();
        assert_eq!(switched(21, 25), [("extended-const", true), ("tail-call", true)]);
        assert_eq!(switched(25, 21), [("extended-const", false), ("tail-call", false)]);
        assert_eq!(switched(36, 36), []);
    }

    #[test]
    fn compiled_guests() {
        let becomes = |from: &str, to: &str| Precompiled::new(&version(from), &version(to));
        assert_eq!(becomes("36.0.6", "36.0.20"), Precompiled::CompileAgain);
        assert_eq!(becomes("48.0.1", "48.0.8"), Precompiled::LoadsInWasmtimeOnly);
        assert_eq!(becomes("19.0.2", "19.0.2"), Precompiled::Loads);
        assert_eq!(becomes("47.0.4", "48.0.8"), Precompiled::CompileAgain);
    }
}
