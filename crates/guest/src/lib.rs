//! Reads WebAssembly guests without running them: the kind of a guest, the `wasi_snapshot_preview1` adapters in it and
//! their known flaws, the proposals it uses, and the Wasmtime majors that can host it.
//!
//! No Wasmtime is needed, and no input panics. [`Guest`] has the outermost level of a guest, [`report::GuestReport`]
//! everything. The feature `readapt` gives a component another adapter (module `readapt`), the feature `probe` makes
//! the commands by which a host finds out what a guest sees of its preopened directories (module `probe`), the feature `wit`
//! writes the world of a component as WIT (module `wit`), and the feature `adapter-behaviour` runs the adapters of a guest in
//! an interpreter (`GuestReport::observe`).
//!
//! ```
//! use wasmtime_compat_guest::report::{GuestReport, Verdict};
//!
//! // (module (func (export "_start")))
//! let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x0a\x01\x06_start\0\0\x0a\x04\x01\x02\0\x0b";
//! let report = GuestReport::parse(wasm)?;
//! assert!(report.adapters.is_empty());
//! assert!(report.hosts().iter().all(|host| host.verdict == Verdict::Runs));
//! # Ok::<(), wasmtime_compat_guest::Error>(())
//! ```
//! The host library `wasmtime-compat` uses this crate and re-exports its types.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        reason = "input must not end the host"
    )
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "readapt", feature = "wit"))]
mod apart;
mod compiled;
mod error;
mod guest;
#[cfg(feature = "probe")]
pub mod probe;
#[cfg(feature = "readapt")]
pub mod readapt;
pub mod report;
#[cfg(feature = "wit")]
pub mod wit;

pub use self::error::{Error, ErrorKind, Result};
pub use self::guest::{Guest, GuestKind};

/// Shared with `wasmtime-compat` of the same version; not for other users, and without any promise.
#[doc(hidden)]
pub mod internal {
    pub use crate::compiled::ARTEFACT_MAGIC;
    pub use crate::guest::{is_import, wasi_version};
    pub use crate::report::{StringsRead, defaults};
    pub use crate::report::{
        adapters_in, check_and_find_adapters, check_complexity, digest, hosted_p2, hosted_p3, hosts_interface,
        hosts_p3_interface, makes_shared_memory, p3_since, preview1_has, release, serves, version_or,
        with_bounded_dwarf,
    };
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
