//! Owns the reasons why a preopen cannot be used.

use std::fmt;

/// Why a preopen cannot be used, or not fully.
///
/// ```
/// use wasmtime_compat::wasi::{Preopen, Reason, WasiConfig};
///
/// let mut wasi = WasiConfig::new();
/// wasi.preopen(Preopen::new("not/here", "/data")).preopen(Preopen::new("Cargo.toml", "/config"));
/// let errors = wasi.check().unwrap_err();
/// let reasons: Vec<Reason> = errors.errors().filter_map(|preopen| preopen.reason()).collect();
/// assert_eq!(reasons, [Reason::Missing, Reason::NotADirectory]);
/// assert_eq!(reasons[1].name(), "not-a-directory");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The host directory does not exist.
    Missing,
    /// The host path, or a parent in it, is a symbolic link that leads nowhere.
    DanglingLink,
    /// The directory is to be created, and the operating system would not let this process do so.
    NotCreatable,
    /// The host path, or a parent in it, is not a directory.
    NotADirectory,
    /// The directory may not be listed by this process.
    NotReadable,
    /// The directory, or a parent of it, may not be entered by this process.
    NotSearchable,
    /// The guest may write, but this process may not write in the directory: a warning, or with
    /// [`Preopen::require_write`](super::Preopen::require_write) an error.
    NotWritable,
    /// The host path is empty.
    EmptyHostPath,
    /// The guest path is empty.
    EmptyGuestPath,
    /// A path holds a NUL byte.
    NulInPath,
    /// The guest path is not UTF-8, which WASI cannot express.
    GuestPathNotUtf8,
    /// Another preopen has the same guest path.
    DuplicateGuestPath,
    /// Another preopen has a guest path that wasi-libc takes for the same, as with `.` and `/`, or `/a` and `/a/`.
    CollidingGuestPath,
    /// The operating system refused for another reason.
    Io,
}

impl Reason {
    /// A short name for machines: lower case, words joined by hyphens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::DanglingLink => "dangling-link",
            Self::NotCreatable => "not-creatable",
            Self::NotADirectory => "not-a-directory",
            Self::NotReadable => "not-readable",
            Self::NotSearchable => "not-searchable",
            Self::NotWritable => "not-writable",
            Self::EmptyHostPath => "empty-host-path",
            Self::EmptyGuestPath => "empty-guest-path",
            Self::NulInPath => "nul-in-path",
            Self::GuestPathNotUtf8 => "guest-path-not-utf-8",
            Self::DuplicateGuestPath => "duplicate-guest-path",
            Self::CollidingGuestPath => "colliding-guest-path",
            Self::Io => "io",
        }
    }

    pub(super) fn describe(self) -> String {
        self.name().replace('-', " ")
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
