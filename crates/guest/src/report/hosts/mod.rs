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
use super::release::{self, Release, hosted_p2, hosted_p3};
use super::releases;

pub(super) use self::needs::Needs;

/// Whether a major can host a guest.
///
/// ```
/// use wasmtime_compat_guest::report::{GuestReport, Verdict};
///
/// // Tail calls are on by default from Wasmtime 22 on.
/// let wasm = wat::parse_str(r#"(module (func $f) (func (export "_start") (return_call $f)))"#).unwrap();
/// let hosts = GuestReport::parse(&wasm)?.hosts();
/// assert_eq!(hosts.iter().find(|host| host.verdict == Verdict::Runs).unwrap().major, 22);
/// assert_eq!(hosts[0].explanation().unwrap(), "the guest uses tail-call, which is off by default");
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct HostVerdict {
    /// The major, compiled in or not.
    pub major: u64,
    /// Whether the guest starts.
    pub verdict: Verdict,
    /// Every reason why the guest does not start; none if it starts.
    pub reasons: Vec<HostReason>,
}

/// Whether a guest starts. A guest that starts may still trap.
///
/// ```
/// use wasmtime_compat_guest::report::{GuestReport, Verdict};
///
/// let verdict = |text: &str| {
///     let wasm = wat::parse_str(text).unwrap();
///     GuestReport::parse(&wasm).map(|report| report.hosts().remove(0).verdict)
/// };
/// assert_eq!(verdict(r#"(module (func (export "_start")))"#)?, Verdict::Runs);
/// assert_eq!(verdict(r#"(module (func (export "f")))"#)?, Verdict::Fails);
/// // It starts, and then it traps.
/// assert_eq!(verdict(r#"(module (func (export "_start") unreachable))"#)?, Verdict::Runs);
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Verdict {
    /// The guest is compiled, linked and started.
    Runs,
    /// Compiling, linking or starting fails.
    Fails,
}

/// Why a major cannot host a guest.
///
/// ```
/// use wasmtime_compat_guest::report::{GuestReport, HostReason};
///
/// let text = r#"(module (import "env" "log" (func)) (func (export "_start")))"#;
/// let host = GuestReport::parse(&wat::parse_str(text).unwrap())?.hosts().remove(0);
/// assert_eq!(host.reasons, [HostReason::Import { name: "env::log".to_owned() }]);
/// assert_eq!(host.reasons[0].to_string(), "the guest imports `env::log`, which is not WASI");
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum HostReason {
    /// The guest is not valid, regardless of the proposals that are on.
    Invalid(String),
    /// The guest is not a command: the entry point is missing.
    NothingToRun {
        /// The export that a command must have.
        expected: &'static str,
    },
    /// The guest is a library: a module that exports `_initialize` and no `_start`.
    Library,
    /// The entry point has the wrong type.
    WrongEntry {
        /// The name of the export.
        export: String,
    },
    /// The guest uses a proposal that is off in the major's default engine.
    Proposal(Proposal),
    /// The guest creates memories that threads share.
    SharedMemory,
    /// The guest imports functions of `wasi_unstable`, the snapshot before preview1, which this crate does not support.
    Preview0,
    /// The guest is the core module of a component, and must be made into a component first.
    CoreOfComponent {
        /// The import or export that shows this.
        name: String,
    },
    /// The guest has a table whose initial size is greater than the major compiles.
    LongTable {
        /// Elements of the longest table.
        elements: u64,
        /// The most elements that the major compiles.
        limit: u64,
    },
    /// Instantiating the guest exceeds the default `StoreLimits` of a store.
    StoreLimit {
        /// The limited resource: `bytes of memory`, `elements of tables`, `memories` or `tables`.
        what: &'static str,
        /// The initial amount, for all modules of the guest together.
        needed: u64,
        /// The limit.
        limit: u64,
    },
    /// The guest imports something that is not WASI.
    Import {
        /// The import: `module::name` for a module.
        name: String,
    },
    /// The guest imports an interface of WASI that the host does not have, or has only in an incompatible version.
    Interface {
        /// The interface without its version, or the module.
        name: String,
        /// The imported version; imports of modules have none.
        version: Option<Version>,
        /// The host's WASI version.
        host: Version,
    },
    /// The guest imports an item that the host's interface lacks.
    Item {
        /// The interface without its version, or the module.
        interface: String,
        /// The function, method or resource.
        item: String,
        /// The host's WASI version.
        host: Version,
    },
    /// The guest imports an item of WASI with a type that does not match that of the host's item.
    ItemType {
        /// The interface without its version, or the module.
        interface: String,
        /// The function, method or resource.
        item: String,
    },
    /// The guest has more imports to check than WASI has functions: more than 1024 names, or more than 64 KiB of names.
    /// The others are checked; these are not.
    Unchecked {
        /// The number of unchecked imports.
        imports: usize,
    },
}

/// A mistake of a guest that does not prevent its start.
///
/// ```
/// use wasmtime_compat_guest::report::{GuestReport, GuestWarning, Verdict};
///
/// let text = r#"(module
///     (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
///     (func (export "_start") (drop (call $yield))))"#;
/// let report = GuestReport::parse(&wat::parse_str(text).unwrap())?;
/// assert_eq!(report.warnings, [GuestWarning::NoMemory]);
/// // The guest starts, and its first call of preview1 is a trap.
/// assert!(report.hosts().iter().all(|host| host.verdict == Verdict::Runs));
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
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
    /// default `StoreLimits`; guests of WASI 0.3 with `RunConfig::wasi_p3`, in a build with the cargo feature
    /// `wasmtime-NN-p3` of the major. Other hosts can switch proposals on, define imports and lift limits. Not checked are
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
        let hosts_p3 = release.p3.is_some();
        reasons.extend(self.needs.entry.iter().filter_map(|entry| match entry {
            Entry::Missing { expected } => Some(HostReason::NothingToRun { expected }),
            Entry::Library => Some(HostReason::Library),
            Entry::WrongType { export } => Some(HostReason::WrongEntry { export: export.clone() }),
            Entry::P3 => (!hosts_p3).then_some(HostReason::NothingToRun { expected: "wasi:cli/run@0.2.x" }),
        }));
        // A command of WASI 0.3 has an engine for it.
        let is_on = |proposal| proposal == Proposal::CmAsync && self.needs.p3 && hosts_p3;
        let off = |proposal: &&Proposal| !proposal.is_default(major) && !is_on(**proposal);
        reasons.extend(self.proposals.iter().filter(off).copied().map(HostReason::Proposal));
        if self.needs.shared_memory {
            reasons.push(HostReason::SharedMemory);
        }
        let elements = self.needs.longest_table;
        if elements > LONGEST_TABLE && !release.has_long_tables() {
            reasons.push(HostReason::LongTable { elements, limit: LONGEST_TABLE });
        }
        reasons.extend(exceeded(&self.needs.footprint, defaults::LIMITS));
        let host = hosted_p2(major);
        reasons.extend(self.needs.imports.iter().flat_map(|import| unmet(import, major, &host)));
        if self.needs.more > 0 {
            reasons.push(HostReason::Unchecked { imports: self.needs.more });
        }
        reasons
    }
}

impl Proposal {
    /// Whether the default engine of a major, compiled in or not, takes guests that use the proposal.
    ///
    /// ```
    /// use wasmtime_compat_guest::report::Proposal;
    ///
    /// assert!(!Proposal::TailCall.is_default(21) && Proposal::TailCall.is_default(22));
    /// ```
    pub fn is_default(self, major: u64) -> bool {
        let spans = releases::PROPOSALS.iter().filter(|(proposal, ..)| *proposal == self);
        spans.into_iter().any(|(_, since, until)| within((*since, *until), major))
    }
}

impl Release {
    /// Whether guests on Wasmtime's own default engine can create memories that threads share. The host library refuses them
    /// by default on every major.
    pub fn has_shared_memory(&self) -> bool {
        within(releases::SHARED_MEMORY, self.major)
    }

    /// Whether tables with more than 10,000,000 elements at the start are compiled.
    pub fn has_long_tables(&self) -> bool {
        within(releases::LONG_TABLES, self.major)
    }

    /// Whether an import of WASI 0.2 matches every version of the host that semver calls compatible, instead of the
    /// same version only.
    pub fn has_semver_imports(&self) -> bool {
        within(releases::SEMVER_IMPORTS, self.major)
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
        Import::CoreOfComponent { name } => vec![HostReason::CoreOfComponent { name: name.clone() }],
        Import::P3 { name, version } => {
            let served = hosted_p3(major).is_some() && serves(major, version) && hosts_p3_interface(name);
            let reason = || HostReason::Interface {
                name: name.clone(),
                version: Some(version.clone()),
                host: hosted_p3(major).unwrap_or_else(|| host.clone()),
            };
            (!served).then(reason).into_iter().collect()
        }
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

/// Whether some supported major has an interface of WASI 0.3, given without its version.
pub fn hosts_p3_interface(name: &str) -> bool {
    P3.contains(&name)
}

/// The interfaces of WASI 0.3.0 that a command can import, by the WIT files of Wasmtime 46.
const P3: [&str; 21] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/types",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/system-clock",
    "wasi:clocks/types",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/types",
];

/// Whether a major takes its own interfaces of WASI for those of this version.
pub fn serves(major: u64, version: &Version) -> bool {
    let is_one_of =
        |host: &Version| version == host || (within(releases::SEMVER_IMPORTS, major) && on_one_track(version, host));
    is_one_of(&hosted_p2(major)) || hosted_p3(major).as_ref().is_some_and(is_one_of)
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
    /// All reasons in one line; `None` if the guest starts.
    pub fn explanation(&self) -> Option<String> {
        let reasons: Vec<String> = self.reasons.iter().map(HostReason::to_string).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

impl fmt::Display for HostReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(why) => write!(f, "the guest is not valid: {why}"),
            Self::NothingToRun { expected } => write!(f, "nothing to run: the guest does not export `{expected}`"),
            Self::Library => {
                f.write_str("nothing to run: the guest is a library, which exports `_initialize` and no `_start`")
            }
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
            Self::CoreOfComponent { name } => write!(
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
            Self::Unchecked { imports } => {
                write!(f, "{imports} more imports were not checked, because the guest has too many")
            }
        }
    }
}
