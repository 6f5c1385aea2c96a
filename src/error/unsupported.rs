//! Owns `Unsupported`: what a major cannot do.

use super::{Error, ErrorKind};

/// What a major cannot do.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Unsupported {
    /// What was asked for, for example ``proposal `exceptions` ``.
    pub what: String,
    /// The major that cannot do it.
    pub major: u64,
    /// The first major that can, if one does.
    pub since: Option<u64>,
    /// The last major that can, if newer ones cannot.
    pub until: Option<u64>,
}

impl Error {
    pub(crate) fn from_unsupported(unsupported: Unsupported) -> Self {
        let since = match (unsupported.since, unsupported.until) {
            (Some(since), None) => format!("Wasmtime has it since {since}"),
            (Some(since), Some(until)) => format!("Wasmtime has it from {since} to {until}"),
            (None, _) => "no supported Wasmtime has it".to_owned(),
        };
        Self::new(
            ErrorKind::Unsupported,
            format!("not supported by Wasmtime {}: {}", unsupported.major, unsupported.what),
        )
        .with_hint(since)
        .with_part(unsupported)
    }

    /// What the major lacks, if it cannot do what was asked.
    pub fn unsupported(&self) -> Option<&Unsupported> {
        self.part()
    }
}
