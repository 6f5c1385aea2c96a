//! Owns why a guest cannot be probed.

use std::error::Error as StdError;
use std::fmt;

/// Why a guest cannot be probed.
///
/// ```
/// use wasmtime_compat_guest::probe::{ProbeGuest, Unprobeable};
///
/// // (module (import "wasi_unstable" "proc_exit" (func (param i32))))
/// let wasm = b"\0asm\x01\0\0\0\x01\x05\x01\x60\x01\x7f\0\x02\x1b\x01\x0dwasi_unstable\x09proc_exit\0\0";
/// let error = ProbeGuest::for_guest(wasm).unwrap_err();
/// assert_eq!(error.unprobeable(), Some(Unprobeable::UnstableWasi));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Unprobeable {
    /// It is itself an adapter.
    Adapter,
    /// It is composed of components: there are core modules in components within it, or several adapters.
    Composed,
    /// Several of its core modules import preview1, or the one that does is not instantiated exactly once.
    SeveralModules,
    /// Its main module is built unlike those of known tools, so nothing can stand in for it.
    UnusualModule,
    /// It exports `wasi:cli/run`, but not through its main module or a command adapter.
    NoEntry,
    /// It imports `wasi_unstable`, the snapshot before preview1.
    UnstableWasi,
}

impl Unprobeable {
    /// A short name for machines: lower case, words joined by hyphens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adapter => "adapter",
            Self::Composed => "composed",
            Self::SeveralModules => "several-modules",
            Self::UnusualModule => "unusual-module",
            Self::NoEntry => "no-entry",
            Self::UnstableWasi => "unstable-wasi",
        }
    }
}

impl fmt::Display for Unprobeable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Adapter => "the file is an adapter, not a guest",
            Self::Composed => "the guest is composed of several components",
            Self::SeveralModules => "the guest must have exactly one main module, instantiated exactly once",
            Self::UnusualModule => "the main module must define exactly one 32-bit memory",
            Self::NoEntry => {
                "the exported `wasi:cli/run` is implemented neither by the main module nor by a command adapter"
            }
            Self::UnstableWasi => "the guest imports `wasi_unstable`, the snapshot before preview1",
        })
    }
}

impl StdError for Unprobeable {}
