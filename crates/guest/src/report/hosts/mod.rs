//! Owns the prediction which majors can host a guest, as a command with this crate's defaults.

mod component;
pub mod defaults;
#[rustfmt::skip]
mod interfaces;
mod needs;
mod preview1;
mod preview2;

use std::fmt;

use semver::Version;

use self::needs::{Entry, Import};
use super::guest::GuestReport;
use super::proposals::{Footprint, Proposal};
use super::release::{self, Release, hosted_p2};
use super::releases;

pub(super) use self::needs::Needs;

/// Whether a major can host a guest.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct HostVerdict {
    /// The major, compiled in or not.
    pub major: u64,
    /// Whether the guest starts.
    pub verdict: Verdict,
    /// Every reason why it does not; none if it does.
    pub reasons: Vec<HostReason>,
}

/// Whether a guest starts. What it does then is its own matter: it may well trap.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Verdict {
    /// It is compiled, linked and started.
    Runs,
    /// One of these fails.
    Fails,
}

/// Why a major cannot host a guest.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum HostReason {
    /// It is not valid, whatever proposals are on.
    Invalid(String),
    /// It is no command: it does not export what commands are started by.
    NothingToRun {
        /// What it would have to export.
        expected: &'static str,
    },
    /// What it would be started by cannot be called.
    WrongEntry {
        /// The name of the export.
        export: String,
    },
    /// It uses a proposal that the major's default engine does not take.
    Proposal(Proposal),
    /// It makes memories that threads share.
    SharedMemory,
    /// It imports functions of `wasi_unstable`, the snapshot before preview1 that this crate leaves out.
    Preview0,
    /// It is the core module of a component, which has to be made of it first.
    Uncomposed {
        /// The import or export that shows it.
        name: String,
    },
    /// It has a table that begins with more elements than the major compiles.
    LongTable {
        /// Elements of the longest table.
        elements: u64,
        /// The most elements that the major compiles.
        limit: u64,
    },
    /// Instantiating it takes more of something than the default `StoreLimits` of a store.
    StoreLimit {
        /// What is limited: `bytes of memory`, `elements of tables`, `memories` or `tables`.
        what: &'static str,
        /// How much the guest begins with, all its modules together.
        needed: u64,
        /// The limit.
        limit: u64,
    },
    /// It imports something that is not WASI.
    Import {
        /// The import: `module::name` for a module.
        name: String,
    },
    /// It imports an interface of WASI that the host does not have, or not in a version that is compatible.
    Interface {
        /// The interface without its version, or the module.
        name: String,
        /// The version it asks for; modules state none.
        version: Option<Version>,
        /// The host's WASI version.
        host: Version,
    },
    /// It imports something of an interface that the host has, but without it.
    Item {
        /// The interface without its version, or the module.
        interface: String,
        /// The function, method or resource.
        item: String,
        /// The host's WASI version.
        host: Version,
    },
    /// It imports an item of WASI with a type that does not fit the host's item of this name.
    ItemType {
        /// The interface without its version, or the module.
        interface: String,
        /// The function, method or resource.
        item: String,
    },
    /// It has more imports that have to be looked at than there are functions in WASI, with more than 1024 names or
    /// 64 KiB of them. The first are looked at; these are the others.
    More {
        /// How many.
        imports: usize,
    },
}

/// Something that a guest gets wrong although it starts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum GuestWarning {
    /// A module imports functions of `wasi_snapshot_preview1` and exports no memory of the name `memory`, which all of
    /// these functions look for: each call of them is a trap.
    NoMemory,
}

impl GuestWarning {
    /// `no-memory`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoMemory => "no-memory",
        }
    }
}

impl fmt::Display for GuestWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMemory => f.write_str("no call of WASI can work: the module exports no memory named `memory`"),
        }
    }
}

impl GuestReport {
    /// Which of the supported majors can host the guest, oldest first.
    ///
    /// Hosting means running it as a `Command` of `wasmtime-compat`, on an engine with the default `Config` and with the
    /// default `StoreLimits`; other hosts can switch proposals on, define imports and lift limits. What is not looked at:
    /// memory that the machine does not have, and, except that it can be read, code beyond 512 KiB, or beyond less in a
    /// guest with functions of more than two results or dozens of parameters.
    ///
    /// ```
    /// use wasmtime_compat_guest::report::{GuestReport, HostReason, Verdict};
    ///
    /// let report = GuestReport::parse(b"\0asm\x01\0\0\0")?;
    /// for host in report.hosts() {
    ///     assert_eq!(host.verdict, Verdict::Fails);
    ///     assert_eq!(host.reasons, [HostReason::NothingToRun { expected: "_start" }]);
    /// }
    /// # Ok::<(), wasmtime_compat_guest::Error>(())
    /// ```
    pub fn hosts(&self) -> Vec<HostVerdict> {
        release::releases().iter().map(|release| self.host(release)).collect()
    }

    fn host(&self, release: &Release) -> HostVerdict {
        let reasons = self.reasons(release);
        let verdict = if reasons.is_empty() { Verdict::Runs } else { Verdict::Fails };
        HostVerdict { major: release.major, verdict, reasons }
    }

    fn reasons(&self, release: &Release) -> Vec<HostReason> {
        if let Some(why) = &self.invalid {
            return vec![HostReason::Invalid(why.clone())];
        }
        let major = release.major;
        let mut reasons: Vec<HostReason> = Vec::new();
        reasons.extend(self.needs.entry.iter().map(|entry| match entry {
            Entry::Missing { expected } => HostReason::NothingToRun { expected },
            Entry::WrongType { export } => HostReason::WrongEntry { export: export.clone() },
        }));
        let off = |proposal: &&Proposal| {
            !releases::PROPOSALS
                .iter()
                .any(|(known, since, until)| known == *proposal && within((*since, *until), major))
        };
        reasons.extend(self.proposals.iter().filter(off).copied().map(HostReason::Proposal));
        if self.needs.shared_memory && !within(releases::SHARED_MEMORY, major) {
            reasons.push(HostReason::SharedMemory);
        }
        let elements = self.needs.longest_table;
        if elements > LONGEST_TABLE && !within(releases::LONG_TABLES, major) {
            reasons.push(HostReason::LongTable { elements, limit: LONGEST_TABLE });
        }
        reasons.extend(exceeded(&self.needs.footprint, defaults::LIMITS));
        let host = hosted_p2(major);
        reasons.extend(self.needs.imports.iter().flat_map(|import| unmet(import, major, &host)));
        if self.needs.more > 0 {
            reasons.push(HostReason::More { imports: self.needs.more });
        }
        reasons
    }
}

/// The most elements that a table may begin with on majors that check it: `MAX_WASM_TABLE_ENTRIES` of wasmparser.
const LONGEST_TABLE: u64 = 10_000_000;

/// What instantiating a guest takes beyond `limits`.
fn exceeded(footprint: &Footprint, limits: defaults::Limits) -> Vec<HostReason> {
    let taken = [
        ("bytes of memory", footprint.bytes, limits.total_memory_bytes),
        ("elements of tables", footprint.elements, limits.total_table_elements),
        ("memories", footprint.memories, limits.memories),
        ("tables", footprint.tables, limits.tables),
    ];
    let beyond = taken.into_iter().filter(|(_, needed, limit)| needed > limit);
    beyond.map(|(what, needed, limit)| HostReason::StoreLimit { what, needed, limit }).collect()
}

/// What of an import the host cannot serve.
fn unmet(import: &Import, major: u64, host: &Version) -> Vec<HostReason> {
    match import {
        Import::Other { name } => vec![HostReason::Import { name: name.clone() }],
        Import::Unstable => vec![HostReason::Preview0],
        Import::Uncomposed { name } => vec![HostReason::Uncomposed { name: name.clone() }],
        Import::Preview1 { name, exists } => {
            let (interface, item) = ("wasi_snapshot_preview1".to_owned(), name.clone());
            vec![match exists {
                true => HostReason::ItemType { interface, item },
                false => HostReason::Item { interface, item, host: host.clone() },
            }]
        }
        Import::Interface { name, version, items } => {
            let compatible = version.as_ref().is_some_and(|version| serves(major, version));
            let Some(interface) = preview2::interface(name).filter(|_| compatible) else {
                let version = version.clone();
                return vec![HostReason::Interface { name: name.clone(), version, host: host.clone() }];
            };
            let unmet = |(item, fits): &(String, bool)| {
                let (item, has) = (item.clone(), interface.has(item, host));
                match (has, fits) {
                    (true, true) => None,
                    (true, false) => Some(HostReason::ItemType { interface: name.clone(), item }),
                    (false, _) => Some(HostReason::Item { interface: name.clone(), item, host: host.clone() }),
                }
            };
            items.iter().filter_map(unmet).collect()
        }
    }
}

/// Whether a major takes its own interfaces of WASI for those of this version.
pub fn serves(major: u64, version: &Version) -> bool {
    let host = hosted_p2(major);
    *version == host || (within(releases::SEMVER_IMPORTS, major) && on_one_track(version, &host))
}

/// Whether `wasi_snapshot_preview1` has a function `name`.
pub fn preview1_has(name: &str) -> bool {
    preview1::has(name)
}

/// Whether some supported major has an interface of WASI, given without its version.
pub fn hosts_interface(name: &str) -> bool {
    preview2::interface(name).is_some()
}

/// Whether semver calls them compatible, as Wasmtime does for versions that begin with 0.
fn on_one_track(guest: &Version, host: &Version) -> bool {
    let track = |version: &Version| (version.major, version.minor, version.pre.clone());
    track(guest) == track(host)
}

fn within((since, until): (u64, u64), major: u64) -> bool {
    (since..=until).contains(&major)
}

impl Verdict {
    /// `runs` or `fails`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Fails => "fails",
        }
    }
}

impl HostVerdict {
    /// All reasons in one line; `None` if it runs.
    pub fn why(&self) -> Option<String> {
        let reasons: Vec<String> = self.reasons.iter().map(HostReason::to_string).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

impl fmt::Display for HostReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(why) => write!(f, "the guest is not valid: {why}"),
            Self::NothingToRun { expected } => write!(f, "nothing to run: the guest does not export `{expected}`"),
            Self::WrongEntry { export } => {
                write!(f, "nothing to run: the type of the export `{export}` is not that of a command's entry point")
            }
            Self::Proposal(proposal) => write!(f, "the guest uses {}, which is off by default", proposal.name()),
            Self::SharedMemory => {
                f.write_str("the guest creates a shared memory, and shared memories are off by default")
            }
            Self::Preview0 => f.write_str(
                "the guest imports `wasi_unstable` (preview0), which this crate does not support, because calls of \
                 preview0 cannot be bounded as those of preview1 are; build the guest for `wasi_snapshot_preview1`",
            ),
            Self::Uncomposed { name } => write!(
                f,
                "the guest is the core module of a component, as `{name}` shows: make it into a component first, for \
                 example with `wasm-tools component new`"
            ),
            Self::LongTable { elements, limit } => {
                write!(
                    f,
                    "the guest has a table of {elements} elements, and the host compiles tables of at most {limit}"
                )
            }
            Self::StoreLimit { what, needed, limit } => {
                write!(f, "the guest starts with {needed} {what}, and the default limit of a store is {limit}")
            }
            Self::Import { name } => write!(f, "the guest imports `{name}`, which is not WASI"),
            Self::Interface { name, version: Some(version), host }
                if preview2::interface(name).is_some() && on_one_track(version, host) =>
            {
                write!(f, "the guest imports `{name}@{version}`, and the host accepts {host} only")
            }
            Self::Interface { name, version: Some(version), .. } => {
                write!(f, "the guest imports `{name}@{version}`, which the host does not have")
            }
            Self::Interface { name, version: None, .. } => {
                write!(f, "the guest imports `{name}`, which the host does not have")
            }
            Self::Item { interface, item, .. } => {
                write!(f, "the guest imports `{item}` of `{interface}`, which the host does not have")
            }
            Self::ItemType { interface, item } => {
                write!(f, "the guest imports `{item}` of `{interface}` with a type that does not match the host's")
            }
            Self::More { imports } => {
                write!(f, "{imports} more imports were not checked, because the guest has too many")
            }
        }
    }
}
