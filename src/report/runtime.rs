//! Owns the runtime report: exactly which Wasmtime this is and what it hosts.

use semver::Version;
use wasmtime_compat_guest::internal::{hosted_p2, hosted_p3, release};

use super::{Advisory, Release, advisories_for};
use crate::engine::Parts;

/// Exactly which Wasmtime is underneath. See [`CoreWasmtime::report`](crate::CoreWasmtime::report).
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{CoreWasmtime as _, Newest};
///
/// let report = Newest::report();
/// assert_eq!((report.wasmtime.major, report.release.major), (Newest::MAJOR, Newest::MAJOR));
/// // A whole major has a compiler.
/// assert!(report.fingerprint.is_some());
/// println!("Wasmtime {}, supported until {}", report.wasmtime, report.release.end_of_life);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RuntimeReport {
    /// The exact version, as Wasmtime was built (`wasmtime_environ::VERSION`).
    pub wasmtime: Version,
    /// The facts about its major.
    pub release: Release,
    /// The WASI versions that the whole of the major hosts through this crate.
    pub wasi: WasiVersions,
    /// A digest of everything that decides whether compiled code fits a default engine; `None` without a compiler.
    pub fingerprint: Option<u64>,
}

/// The WASI versions a host speaks.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{CoreWasmtime as _, Newest};
///
/// let wasi = Newest::report().wasi;
/// assert_eq!(wasi.p1, "wasi_snapshot_preview1");
/// assert_eq!((wasi.p2.major, wasi.p2.minor), (0, 2));
/// assert!(wasi.p3.is_none_or(|version| (version.major, version.minor) == (0, 3)));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct WasiVersions {
    /// The import module of WASI 0.1.
    pub p1: &'static str,
    /// WASI 0.2.
    pub p2: Version,
    /// WASI 0.3, if the major is compiled in with it: feature `wasmtime-NN-p3`, from 46 on.
    pub p3: Option<Version>,
}

impl RuntimeReport {
    /// The published security advisories that concern exactly this Wasmtime, oldest first; see
    /// [`advisories_for`]. [`Advisory::unreachable`] has the reason where this crate keeps a host from the fault.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() {
    /// use wasmtime_compat::{CoreWasmtime as _, Newest};
    ///
    /// let report = Newest::report();
    /// for advisory in report.advisories() {
    ///     let severity = advisory.severity.map_or("not rated", |severity| severity.name());
    ///     println!("{} ({severity}): {}", advisory.id, advisory.what);
    /// }
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn advisories(&self) -> Vec<&'static Advisory> {
        advisories_for(&self.wasmtime)
    }

    /// The report of `major`, whose own crates say that they are of this version.
    pub(crate) fn new(major: u64, wasmtime: Version, fingerprint: Option<u64>, parts: Parts) -> Self {
        let release = release(major);
        let p3 = hosted_p3(major).filter(|_| parts.p3);
        Self {
            wasmtime,
            wasi: WasiVersions { p1: "wasi_snapshot_preview1", p2: hosted_p2(major), p3 },
            release,
            fingerprint,
        }
    }
}
