//! Owns `Unsupported`: what a major cannot do.

use super::{Error, ErrorKind};

/// An ability that a major lacks.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, CoreWasmtime, Engine, Newest, Proposal};
///
/// match Engine::<Newest>::new(&Config::new().proposal(Proposal::Exceptions, true)) {
///     Ok(_) => assert!(Newest::MAJOR >= 33),
///     Err(error) => {
///         let unsupported = error.unsupported().unwrap();
///         assert_eq!((unsupported.major, unsupported.since), (Newest::MAJOR, Some(33)));
///         println!("{} needs Wasmtime 33 or later", unsupported.what);
///     }
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Unsupported {
    /// The requested ability, for example ``proposal `exceptions` ``.
    pub what: String,
    /// The major that cannot do it.
    pub major: u64,
    /// The first major that can, if one does.
    pub since: Option<u64>,
    /// The last major that can, if newer ones cannot.
    pub until: Option<u64>,
    /// The cargo feature of this crate that adds it to this major, if all that is missing is in another part of the major.
    pub feature: Option<String>,
}

impl Unsupported {
    /// What no supported major can.
    pub(crate) fn new(what: String, major: u64) -> Self {
        Self { what, major, since: None, until: None, feature: None }
    }
}

impl Error {
    pub(crate) fn from_unsupported(unsupported: Unsupported) -> Self {
        let hint = match (&unsupported.feature, unsupported.since, unsupported.until) {
            (Some(feature), ..) => format!("turn on the cargo feature `{feature}` of wasmtime-compat"),
            (None, Some(since), None) => format!("Wasmtime has it since {since}"),
            (None, Some(since), Some(until)) => format!("Wasmtime has it from {since} to {until}"),
            (None, None, _) => "no supported Wasmtime has it".to_owned(),
        };
        let part = if unsupported.feature.is_some() { "the compiled part of " } else { "" };
        Self::new(
            ErrorKind::Unsupported,
            format!("not supported by {part}Wasmtime {}: {}", unsupported.major, unsupported.what),
        )
        .with_hint(hint)
        .with_part(unsupported)
    }

    /// The ability that the major lacks, if that is the error.
    pub fn unsupported(&self) -> Option<&Unsupported> {
        self.part()
    }
}
