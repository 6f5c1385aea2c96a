//! Owns the reports: which Wasmtime is underneath.

mod runtime;

pub use self::runtime::{Generation, Release, RuntimeReport, WasiVersions, releases};
#[cfg(feature = "_runtime")]
pub(crate) use self::runtime::{digest, hosted_p2};
