//! Owns the reports: which Wasmtime is underneath, what a guest is, and which majors can host it.

mod adapter;
mod guest;
mod hosts;
mod proposals;
mod runtime;

#[doc(hidden)]
pub use self::adapter::Fingerprint;
pub use self::adapter::{
    AdapterFlavour, AdapterIdentity, AdapterIssue, AdapterReport, Evidence, IssueStatus, KnownIssue, Obstacle,
    adapter_issues,
};
pub(crate) use self::guest::adapters_in;
pub use self::guest::{GuestReport, WasiFlavour, WasiImport};
pub use self::hosts::{GuestWarning, HostReason, HostVerdict, Verdict};
pub use self::proposals::WasmProposal;
pub(crate) use self::proposals::weigh;
pub use self::runtime::{Generation, Release, RuntimeReport, WasiVersions, releases};
#[cfg(feature = "_runtime")]
pub(crate) use self::runtime::{digest, hosted_p2, version_or};
