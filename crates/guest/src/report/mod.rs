//! Owns the reports: what a guest is, and which Wasmtime majors can host it.

mod adapter;
#[rustfmt::skip]
mod advisories;
mod advisory;
mod dwarf;
mod guest;
mod hosts;
mod proposals;
mod release;
mod releases;

#[doc(hidden)]
pub use self::adapter::Fingerprint;
#[doc(hidden)]
pub use self::adapter::StringsRead;
#[cfg(feature = "readapt")]
pub(crate) use self::adapter::may_be_of;
pub use self::adapter::{
    AdapterFlavour, AdapterIdentity, AdapterIssue, AdapterReport, AdapterWarning, Evidence, IssueStatus, KnownIssue,
    Obstacle, RunStrings, StringBounds, StringKind, StringOverflow, adapter_issues,
};
pub use self::advisory::{
    Ability, Advisory, Platform, Severity, Unreachable, advisories, advisories_for, advisories_taken,
};
#[doc(hidden)]
pub use self::dwarf::with_bounded_dwarf;
pub use self::guest::{GuestReport, WasiFlavour, WasiImport};
#[doc(hidden)]
pub use self::guest::{adapters_in, check_and_find_adapters};
pub use self::hosts::{GuestWarning, HostReason, HostVerdict, Verdict};
#[doc(hidden)]
pub use self::hosts::{defaults, hosts_interface, hosts_p3_interface, preview1_has, serves};
pub use self::proposals::Proposal;
#[cfg(feature = "wit")]
pub(crate) use self::proposals::types;
#[doc(hidden)]
pub use self::proposals::{check_complexity, makes_shared_memory};
pub use self::release::{Generation, Release, releases};
#[doc(hidden)]
pub use self::release::{digest, hosted_p2, hosted_p3, p3_since, release, version_or};
