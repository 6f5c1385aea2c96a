//! Owns the reports: which Wasmtime is underneath, what a guest is, and which majors can host it.

mod adapter;
mod guest;
mod hosts;
mod proposals;
mod releases;
mod runtime;

#[doc(hidden)]
pub use self::adapter::Fingerprint;
pub use self::adapter::{
    AdapterFlavour, AdapterIdentity, AdapterIssue, AdapterReport, Evidence, IssueStatus, KnownIssue, Obstacle,
    StringBounds, StringKind, StringOverflow, adapter_issues,
};
pub(crate) use self::adapter::{Strings, StringsRead};
pub(crate) use self::guest::adapters_in;
pub use self::guest::{GuestReport, WasiFlavour, WasiImport};
pub use self::hosts::{GuestWarning, HostReason, HostVerdict, Verdict};
pub(crate) use self::hosts::{hosts_interface, preview1_has, serves};
pub use self::proposals::Proposal;
pub(crate) use self::proposals::weigh;
pub(crate) use self::runtime::hosted_p2;
pub use self::runtime::{Generation, Release, RuntimeReport, WasiVersions, releases};
#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::runtime::{digest, version_or};
