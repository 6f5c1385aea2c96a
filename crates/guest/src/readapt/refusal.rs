//! Owns the reasons why the adapter of a guest is not replaced.

use std::fmt;

use semver::Version;

/// The reason why the adapter of a guest was not replaced; see [`Error::refusal`](crate::Error::refusal). More reasons
/// may be added.
///
/// ```
/// use wasmtime_compat_guest::readapt::{Refusal, Replacement, readapt};
///
/// // (component)
/// let error = readapt(b"\0asm\x0d\0\x01\0", &Replacement::embedded()).unwrap_err();
/// let refusal = error.refusal().unwrap();
/// assert_eq!((refusal, refusal.name()), (&Refusal::NoAdapter, "no-adapter"));
/// assert_eq!(refusal.to_string(), "the guest has no adapter for wasi_snapshot_preview1");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The guest is a core module: it gets an adapter when it is made into a component.
    Module,
    /// The guest is a component without an adapter.
    NoAdapter,
    /// The adapter is not recognised: neither a published build nor one with a known source.
    UnknownAdapter,
    /// Wasmtime has no release of the assumed version, or the adapter of that release is not known.
    UnknownVersion(Version),
    /// The guest has this many adapters: it was composed of several components, or adapts more than preview1.
    SeveralAdapters(usize),
    /// The guest has this many core modules that are neither an adapter nor generated; exactly one is supported.
    SeveralModules(usize),
    /// A nested component does more than rename items: the guest was composed.
    Composed,
    /// The layout is not that of wit-component, the only supported one.
    Layout(String),
    /// The imports and exports cannot be read as a world.
    World(String),
    /// The world and the main module do not make a component with the new adapter.
    Encoding(String),
    /// The new component would differ in more than its adapter; for example when the old one was made by a
    /// wit-component (0.215 and before) that never called the module's `_initialize`.
    Changed(String),
    /// No adapter of this version is embedded.
    NotEmbedded {
        /// The requested version.
        requested: Version,
        /// The embedded version.
        embedded: Option<Version>,
    },
    /// The replacement adapter has a flaw or may have one, or is not for this kind of guest.
    Replacement(String),
}

impl Refusal {
    /// A short, stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::NoAdapter => "no-adapter",
            Self::UnknownAdapter => "unknown-adapter",
            Self::UnknownVersion(_) => "unknown-version",
            Self::SeveralAdapters(_) => "several-adapters",
            Self::SeveralModules(_) => "several-modules",
            Self::Composed => "composed",
            Self::Layout(_) => "layout",
            Self::World(_) => "world",
            Self::Encoding(_) => "encoding",
            Self::Changed(_) => "changed",
            Self::NotEmbedded { .. } => "not-embedded",
            Self::Replacement(_) => "replacement",
        }
    }

    /// Advice for the reader.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Module => {
                "a module gets an adapter when it is made into a component: choose an adapter without the flaw for that"
            }
            Self::SeveralAdapters(_) | Self::Composed => {
                "replace the adapter of each component, then compose the components again"
            }
            Self::NotEmbedded { .. } => "an adapter of any version can be given as a file",
            Self::UnknownAdapter => {
                "encode the component again from its module, with a newer toolchain or adapter; if the adapter is \
                 known to be one of Wasmtime's, `readapt --assume-adapter` or `readapt_assuming` replaces the adapter \
                 anyway"
            }
            Self::SeveralModules(_) | Self::Layout(_) | Self::World(_) | Self::Encoding(_) | Self::Changed(_) => {
                "encode the component again from its module, with a newer toolchain or adapter"
            }
            Self::UnknownVersion(_) => {
                "assume a version of Wasmtime that has been released, or the kind of adapter: `command`, `reactor` or \
                 `proxy`"
            }
            Self::NoAdapter | Self::Replacement(_) => return None,
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module => f.write_str("the guest is a core module, which has no adapter"),
            Self::NoAdapter => f.write_str("the guest has no adapter for wasi_snapshot_preview1"),
            Self::UnknownAdapter => f.write_str("the guest's adapter is not recognised"),
            Self::UnknownVersion(version) => write!(f, "no adapter of Wasmtime {version} is known"),
            Self::SeveralAdapters(count) => write!(f, "the guest has {count} adapters"),
            Self::SeveralModules(count) => write!(f, "the guest must have exactly one main module, and has {count}"),
            Self::Composed => f.write_str("the guest is composed of several components"),
            Self::Layout(what) => write!(f, "the layout is not that of wit-component: {what}"),
            Self::World(what) => write!(f, "cannot read the world: {what}"),
            Self::Encoding(what) => write!(f, "cannot encode the component again: {what}"),
            Self::Changed(what) => write!(f, "encoding the component again would change more than the adapter: {what}"),
            Self::NotEmbedded { requested, embedded: Some(embedded) } => {
                write!(f, "the adapter {requested} is not embedded; the embedded adapter is {embedded}")
            }
            Self::NotEmbedded { requested, embedded: None } => write!(f, "the adapter {requested} is not embedded"),
            Self::Replacement(what) => write!(f, "the replacement adapter is refused: {what}"),
        }
    }
}

impl std::error::Error for Refusal {}
