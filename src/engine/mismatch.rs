//! Owns `Mismatch`: why a precompiled guest does not fit.

use std::fmt;

use semver::Version;

use super::Parts;
use crate::error::{Error, ErrorKind};

/// The version of this crate, which is in the header of what it precompiles.
pub(super) const CRATE: &str = env!("CARGO_PKG_VERSION");

/// Why a precompiled guest cannot be loaded. Compiling the guest again always helps.
///
/// ```
/// use wasmtime_compat::{Mismatch, Precompiled};
///
/// // A module, where the bytes of a precompiled one were expected.
/// let error = Precompiled::parse(b"\0asm\x01\0\0\0").unwrap_err();
/// assert_eq!(error.mismatch(), Some(&Mismatch::NotPrecompiled));
/// assert_eq!(error.hint(), Some("compile the guest again"));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Mismatch {
    /// The bytes do not begin as those that [`Engine::precompile`](crate::Engine::precompile) makes. What Wasmtime itself
    /// serialized does not either.
    NotPrecompiled,
    /// The bytes end too early, or the checksum shows that they were changed.
    Damaged,
    /// Another version of this crate made it, whose header may differ.
    OtherCrate {
        /// The version that made it.
        made_by: String,
    },
    /// Another Wasmtime compiled it.
    OtherWasmtime {
        /// The one that compiled it.
        made_by: Version,
        /// The one that was to load it.
        here: Version,
    },
    /// The same Wasmtime compiled it with other settings, or for another processor.
    OtherSettings,
}

impl Mismatch {
    /// The error for code that passed all checks and that Wasmtime does not load.
    #[cfg_attr(any(not(feature = "_core"), test), allow(dead_code, reason = "only majors load code"))]
    pub(crate) fn undetected(parts: Parts) -> Error {
        if parts.compiler {
            // Fingerprints were compared: this is not what Wasmtime once serialized.
            return Error::from(Self::Damaged);
        }
        Error::from(Self::OtherSettings).with_hint(
            "compile the guest again, with the settings of this engine; a whole major also needs \
             Config::wasm_component_model(false) for that",
        )
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPrecompiled => f.write_str("not the bytes that `Engine::precompile` makes"),
            Self::Damaged => f.write_str("the bytes are damaged"),
            Self::OtherCrate { made_by } => write!(f, "made by wasmtime-compat {made_by}, this is {CRATE}"),
            Self::OtherWasmtime { made_by, here } => write!(f, "compiled by Wasmtime {made_by}, this is {here}"),
            Self::OtherSettings => f.write_str("compiled with other settings or for another processor"),
        }
    }
}

impl From<Mismatch> for Error {
    fn from(mismatch: Mismatch) -> Self {
        Self::new(ErrorKind::Mismatch, format!("cannot load the precompiled guest: {mismatch}"))
            .with_hint("compile the guest again")
            .with_part(mismatch)
    }
}

impl Error {
    /// Why a precompiled guest does not fit, if that is what happened.
    pub fn mismatch(&self) -> Option<&Mismatch> {
        self.part()
    }
}
