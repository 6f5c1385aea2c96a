//! Owns the reports: which Wasmtime is underneath, and, from `wasmtime-compat-guest`, what a guest is and which majors can
//! host it.

mod runtime;

pub(crate) use wasmtime_compat_guest::internal::{
    StringsRead, adapters_in, check_and_find_adapters, check_complexity, hosted_p2, hosts_interface,
    hosts_p3_interface, makes_shared_memory, p3_since, preview1_has, serves, with_bounded_dwarf,
};
#[cfg(all(feature = "_core", not(test)))]
#[allow(unused_imports, reason = "a digest is made with a compiler only")]
pub(crate) use wasmtime_compat_guest::internal::{digest, version_or};
pub use wasmtime_compat_guest::report::{
    Ability, AdapterFlavour, AdapterIdentity, AdapterIssue, AdapterReport, AdapterWarning, Advisory, Evidence,
    Generation, GuestReport, GuestWarning, HostReason, HostVerdict, IssueStatus, KnownIssue, Obstacle, Platform,
    Proposal, Release, RunStrings, Severity, StringBounds, StringKind, StringOverflow, Unreachable, Verdict,
    WasiFlavour, WasiImport, adapter_issues, advisories, advisories_for, advisories_taken, releases,
};

pub use self::runtime::{RuntimeReport, WasiVersions};
