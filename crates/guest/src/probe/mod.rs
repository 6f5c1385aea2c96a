//! Owns the making of probes: what stands in for a guest to find out what it sees of its preopened directories.
//!
//! Running a probe takes a host: the module `probe` of `wasmtime-compat` does it on any Wasmtime major.

mod code;
mod component;
mod guest;
mod method;
mod module;
mod reason;
mod record;

pub use self::guest::{ProbeGuest, ProbeTarget};
pub use self::method::ProbeMethod;
pub use self::reason::Unprobeable;

/// Shared with `wasmtime-compat` of the same version; not for other users, and without any promise.
#[doc(hidden)]
pub mod internal {
    pub use super::code::FIRST_FD;
    pub use super::guest::Queries;
    pub use super::record::{NOT_QUERIED, Record, Word};
}
