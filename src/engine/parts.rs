//! Owns the parts of a major that can be left out, and the errors for what is missing then.

use crate::error::{Error, Result, Unsupported};
use crate::report;

/// A part of a major that can be left out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    /// A code generator.
    Compiler,
    /// Asynchronous calls.
    Async,
    /// The component model.
    ComponentModel,
    /// WASI 0.3, and the asynchronous components that it needs.
    P3,
}

/// The parts of a major that are compiled in.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct Parts {
    pub(crate) compiler: bool,
    /// Asynchronous calls, components and WASI.
    pub(crate) whole: bool,
    /// WASI 0.3.
    pub(crate) p3: bool,
}

impl Parts {
    /// Refuses `what`, which needs `part`, if `major` is compiled in without the part.
    pub(crate) fn expect(self, part: Part, major: u64, what: &str) -> Result<()> {
        let present = match part {
            Part::Compiler => self.compiler,
            Part::Async | Part::ComponentModel => self.whole,
            Part::P3 => self.p3,
        };
        if present { Ok(()) } else { Err(part.missing(major, what)) }
    }
}

impl Part {
    /// The error for `what` on a major that is compiled in without this part.
    pub(crate) fn missing(self, major: u64, what: &str) -> Error {
        let feature = match self {
            Self::Compiler => format!("wasmtime-{major}-cranelift"),
            Self::Async | Self::ComponentModel => format!("wasmtime-{major}"),
            Self::P3 => format!("wasmtime-{major}-p3"),
        };
        let since = self.since().filter(|since| major < *since);
        let feature = since.is_none().then_some(feature);
        Error::from_unsupported(Unsupported { since, feature, ..Unsupported::new(what.to_owned(), major) })
    }

    /// The first major that has it, if not all have.
    fn since(self) -> Option<u64> {
        match self {
            Self::Compiler | Self::Async | Self::ComponentModel => None,
            Self::P3 => report::p3_since(),
        }
    }
}
