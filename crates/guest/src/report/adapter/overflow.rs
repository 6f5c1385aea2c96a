//! Owns what is reported of a string that is too long for an adapter.

use std::fmt;

/// The most characters of a variable's name that are shown.
const SHOWN: usize = 64;

/// A part of a run's arguments, environment or preopens that is too long for an adapter. The adapter aborts the guest
/// as soon as the guest queries that part.
///
/// ```
/// use wasmtime_compat_guest::report::AdapterWarning;
/// # use wasmtime_compat_guest::report::RunStrings;
/// # struct Arguments(Vec<String>);
/// # impl RunStrings for Arguments {
/// #     fn arguments(&self) -> impl Iterator<Item = &str> {
/// #         self.0.iter().map(String::as_str)
/// #     }
/// #     fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
/// #         std::iter::empty()
/// #     }
/// #     fn preopens(&self) -> impl Iterator<Item = &str> {
/// #         std::iter::empty()
/// #     }
/// # }
///
/// # let wasm = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `wasm` is the command adapter of Wasmtime 24.0.13 as published.
/// // `Arguments` implements `RunStrings`: a run with arguments, and without environment and preopens.
/// let run = Arguments(vec!["tool".to_owned(), "x".repeat(60_000)]);
/// let overflow = AdapterWarning::of_strings(wasm, &run).remove(0).overflow.unwrap();
/// assert_eq!((overflow.index, overflow.bytes, overflow.most), (Some(1), 60_000, 59_016));
/// assert_eq!(overflow.to_string(), "argument 2 has 60000 bytes; the limit is 59016 bytes");
/// assert_eq!(overflow.issue(), "long-string-abort");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StringOverflow {
    /// The part that is too long.
    pub kind: StringKind,
    /// The place in its list, counted from 0, of a single string.
    pub index: Option<usize>,
    /// The name of the variable, if the value of one is too long.
    pub variable: Option<String>,
    /// The length in bytes; for a list, its size in the adapter's memory.
    pub bytes: usize,
    /// The limit in bytes.
    pub most: usize,
}

/// A part of a run's strings that is too long for an adapter.
///
/// ```
/// use wasmtime_compat_guest::report::{AdapterWarning, StringKind};
/// # use wasmtime_compat_guest::report::RunStrings;
/// # struct Variable(String);
/// # impl RunStrings for Variable {
/// #     fn arguments(&self) -> impl Iterator<Item = &str> {
/// #         std::iter::empty()
/// #     }
/// #     fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
/// #         std::iter::once(("LONG", self.0.as_str()))
/// #     }
/// #     fn preopens(&self) -> impl Iterator<Item = &str> {
/// #         std::iter::empty()
/// #     }
/// # }
///
/// # let wasm = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `wasm` is the command adapter of Wasmtime 24.0.13 as published.
/// // `Variable` implements `RunStrings`: a run with the environment variable `LONG`, and without anything else.
/// let run = Variable("x".repeat(60_000));
/// let overflow = AdapterWarning::of_strings(wasm, &run).remove(0).overflow.unwrap();
/// assert_eq!((overflow.kind, overflow.variable.as_deref()), (StringKind::VariableValue, Some("LONG")));
/// assert_eq!(overflow.kind.name(), "variable-value");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StringKind {
    /// One argument.
    Argument,
    /// The name of one environment variable.
    VariableName,
    /// The value of one environment variable.
    VariableValue,
    /// The guest path of one preopened directory.
    PreopenName,
    /// There are too many arguments.
    Arguments,
    /// There are too many environment variables.
    Environment,
    /// There are too many preopened directories, or the names of two of them do not fit in together.
    PreopenNames,
    /// All arguments, variables and names of preopened directories together.
    All,
}

impl StringOverflow {
    pub(super) fn of(kind: StringKind, bytes: usize, most: usize) -> Self {
        Self { kind, index: None, variable: None, bytes, most }
    }

    /// The flaw by which the guest is aborted, in [`adapter_issues`](super::adapter_issues).
    pub fn issue(&self) -> &'static str {
        match self.kind {
            StringKind::All => super::issues::ALL_STRINGS,
            _ => super::issues::LONG_STRING,
        }
    }
}

impl StringKind {
    /// A short name that stays: `argument`, `variable-name`, `variable-value`, `preopen-name`, `arguments`,
    /// `environment`, `preopen-names` or `all`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::VariableName => "variable-name",
            Self::VariableValue => "variable-value",
            Self::PreopenName => "preopen-name",
            Self::Arguments => "arguments",
            Self::Environment => "environment",
            Self::PreopenNames => "preopen-names",
            Self::All => "all",
        }
    }
}

impl fmt::Display for StringOverflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, most, .. } = self;
        let number = self.index.unwrap_or_default() + 1;
        match self.kind {
            StringKind::Argument => write!(f, "argument {number} has {bytes} bytes")?,
            StringKind::VariableName => write!(f, "the name of environment variable {number} has {bytes} bytes")?,
            StringKind::VariableValue => {
                let name: String = self.variable.iter().flat_map(|name| name.chars()).take(SHOWN).collect();
                write!(f, "the environment variable {name:?} has {bytes} bytes")?;
            }
            StringKind::PreopenName => write!(f, "the guest path of preopen {number} has {bytes} bytes")?,
            StringKind::Arguments => write!(f, "the list of arguments takes {bytes} bytes")?,
            StringKind::Environment => write!(f, "the list of environment variables takes {bytes} bytes")?,
            StringKind::PreopenNames => write!(f, "the guest paths of two preopens have {bytes} bytes together")?,
            StringKind::All => write!(f, "arguments, environment and preopens take {bytes} bytes together")?,
        }
        write!(f, "; the limit is {most} bytes")
    }
}
