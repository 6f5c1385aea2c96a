//! Owns the caller's assumption about an adapter that is not recognised.

use std::fmt;
use std::str::FromStr;

use semver::Version;

use super::refusal::Refusal;
use crate::report::{AdapterFlavour, AdapterReport, may_be_of};

/// The caller's assumption about an adapter that is not recognised; see [`readapt_assuming`](super::readapt_assuming).
///
/// ```
/// use wasmtime_compat_guest::readapt::Assumption;
/// use wasmtime_compat_guest::report::AdapterFlavour;
///
/// assert_eq!("reactor".parse(), Ok(Assumption::Flavour(AdapterFlavour::Reactor)));
/// assert_eq!("15.0.0".parse(), Ok(Assumption::Version("15.0.0".parse().unwrap())));
/// assert!("newest".parse::<Assumption>().is_err());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Assumption {
    /// The adapter has the flaws of the adapter of this Wasmtime release. Its kind is read from the component.
    Version(Version),
    /// The adapter is for this kind of guest: [`AdapterFlavour::Command`], [`AdapterFlavour::Reactor`] or
    /// [`AdapterFlavour::Proxy`]. Its flaws stay unknown.
    Flavour(AdapterFlavour),
}

/// A text that is neither a version nor the name of a kind of adapters.
///
/// ```
/// use wasmtime_compat_guest::readapt::{Assumption, NoAssumption};
///
/// let error: NoAssumption = "newest".parse::<Assumption>().unwrap_err();
/// assert_eq!(error.to_string(), "expected a version of Wasmtime, `command`, `reactor` or `proxy`");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NoAssumption;

impl Assumption {
    /// Refuses versions that no adapter can have.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Version(version) if !may_be_of(version) => Err(Refusal::UnknownVersion(version.clone())),
            _ => Ok(()),
        }
    }

    /// Whether an adapter that is recognised is something else.
    pub(super) fn contradicts(&self, report: &AdapterReport) -> bool {
        match self {
            Self::Version(version) => !report.identity.allows(version),
            Self::Flavour(flavour) => report.flavour != AdapterFlavour::Other && report.flavour != *flavour,
        }
    }

    /// The kind of adapter to put in. `seen` is what the component shows: only a command has an entry of its adapter.
    pub(super) fn flavour(&self, seen: AdapterFlavour) -> Result<AdapterFlavour, Refusal> {
        match (self, seen) {
            (Self::Version(_), _) => Ok(seen),
            (Self::Flavour(assumed), AdapterFlavour::Other) => Ok(*assumed),
            (Self::Flavour(assumed), _) if *assumed == seen => Ok(seen),
            (Self::Flavour(assumed), _) => {
                let (assumed, seen) = (assumed.name(), seen.name());
                Err(Refusal::Replacement(format!(
                    "the assumed adapter is a {assumed} adapter, and the guest has a {seen} adapter"
                )))
            }
        }
    }

    /// The report with the flaws of what was assumed.
    pub(super) fn applied(&self, report: &AdapterReport, flavour: AdapterFlavour) -> AdapterReport {
        let issues = match self {
            Self::Version(version) => report.issues_of(flavour, version),
            Self::Flavour(_) => report.issues.clone(),
        };
        AdapterReport { flavour, issues, ..report.clone() }
    }
}

impl FromStr for Assumption {
    type Err = NoAssumption;

    fn from_str(text: &str) -> Result<Self, NoAssumption> {
        match text {
            "command" => Ok(Self::Flavour(AdapterFlavour::Command)),
            "reactor" => Ok(Self::Flavour(AdapterFlavour::Reactor)),
            "proxy" => Ok(Self::Flavour(AdapterFlavour::Proxy)),
            _ => Version::parse(text).map(Self::Version).map_err(|_| NoAssumption),
        }
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "{version}"),
            Self::Flavour(flavour) => f.write_str(flavour.name()),
        }
    }
}

impl fmt::Display for NoAssumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a version of Wasmtime, `command`, `reactor` or `proxy`")
    }
}

impl std::error::Error for NoAssumption {}
