//! Owns the parts of a major that can be left out, and the errors for what is missing then.

use crate::error::{Error, Result, Unsupported};

/// A part of a major that can be left out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    /// A code generator.
    Compiler,
    /// Asynchronous calls.
    Async,
    /// The component model.
    ComponentModel,
}

/// The parts of a major that are compiled in.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct Parts {
    pub(crate) compiler: bool,
    /// Asynchronous calls, components and WASI.
    pub(crate) whole: bool,
}

impl Parts {
    /// Refuses `what`, which needs `part`, if `major` is compiled in without the part.
    pub(crate) fn expect(self, part: Part, major: u64, what: &str) -> Result<()> {
        let present = match part {
            Part::Compiler => self.compiler,
            Part::Async | Part::ComponentModel => self.whole,
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
        };
        Error::from_unsupported(Unsupported { feature: Some(feature), ..Unsupported::new(what.to_owned(), major) })
    }
}
