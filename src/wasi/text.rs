//! Owns the check of arguments and environment variables: every text that cannot be passed to a guest, found at once.

use std::fmt;

use super::PreopenErrors;
use crate::error::{Error, ErrorKind};

/// Arguments and environment variables that cannot be passed to a guest: all of them.
///
/// WASI passes each argument, and each variable as `NAME=VALUE`, as text that ends at a NUL byte. Raw Wasmtime accepts any
/// text, and the guest then sees another one: the text up to the NUL byte, or another name.
///
/// [`Display`](fmt::Display) writes one line, with the first problem; its alternate form `{:#}` writes a line for each
/// problem beneath it.
///
/// ```
/// use wasmtime_compat::wasi::WasiConfig;
///
/// let mut wasi = WasiConfig::new();
/// wasi.arg("tool").arg("a\0b").env("A=B", "value");
/// let errors = wasi.check_text().unwrap_err();
/// assert_eq!(errors.problems().len(), 2);
/// assert_eq!(errors.problems()[1].to_string(), "environment variable \"A=B\": `=` in the name");
/// // Starting a guest fails with the same value.
/// assert_eq!(wasi.check_all().unwrap_err().text(), Some(&errors));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TextErrors {
    problems: Vec<TextProblem>,
}

/// One thing that is wrong with an argument or an environment variable.
///
/// ```
/// use wasmtime_compat::wasi::{TextPlace, TextReason, WasiConfig};
///
/// let mut wasi = WasiConfig::new();
/// let errors = wasi.env("", "value").check_text().unwrap_err();
/// let problem = &errors.problems()[0];
/// assert_eq!(problem.reason, TextReason::EmptyName);
/// assert!(matches!(&problem.place, TextPlace::Variable { name } if name.is_empty()));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TextProblem {
    /// The argument or variable.
    pub place: TextPlace,
    /// What is wrong.
    pub reason: TextReason,
}

/// An argument or an environment variable.
///
/// ```
/// use wasmtime_compat::wasi::{TextPlace, WasiConfig};
///
/// let mut wasi = WasiConfig::new();
/// wasi.arg("tool").arg("a\0b");
/// let errors = wasi.check_text().unwrap_err();
/// match &errors.problems()[0].place {
///     TextPlace::Argument { index, text } => assert_eq!((*index, text.as_str()), (1, "a\0b")),
///     place => panic!("{place}"),
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TextPlace {
    /// An argument.
    Argument {
        /// The index of the argument; 0 is the guest's own name.
        index: usize,
        /// The argument as given.
        text: String,
    },
    /// An environment variable.
    Variable {
        /// The name as given.
        name: String,
    },
}

/// Why a text cannot be passed to a guest.
///
/// ```
/// use wasmtime_compat::wasi::{TextReason, WasiConfig};
///
/// let mut wasi = WasiConfig::new();
/// wasi.env("A=B", "a\0b");
/// let errors = wasi.check_text().unwrap_err();
/// let reasons: Vec<TextReason> = errors.problems().iter().map(|problem| problem.reason).collect();
/// assert_eq!(reasons, [TextReason::EqualsInName, TextReason::NulInValue]);
/// assert_eq!(reasons[0].name(), "equals-in-name");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TextReason {
    /// An argument holds a NUL byte.
    NulInArgument,
    /// The name of a variable holds a NUL byte.
    NulInName,
    /// The value of a variable holds a NUL byte.
    NulInValue,
    /// The name of a variable holds a `=`, at which the guest would end the name.
    EqualsInName,
    /// The name of a variable is empty.
    EmptyName,
}

/// Finds everything that is wrong.
pub(super) fn check(args: &[String], env: &[(String, String)]) -> Result<(), TextErrors> {
    let is_sound = |(name, value): &(String, String)| {
        !name.is_empty() && !name.bytes().any(|byte| matches!(byte, 0 | b'=')) && !has_nul(value)
    };
    // The usual case, which every run of a guest goes through.
    if !args.iter().any(|arg| has_nul(arg)) && env.iter().all(is_sound) {
        return Ok(());
    }
    let args = args.iter().enumerate().filter(|(_, text)| has_nul(text)).map(|(index, text)| TextProblem {
        place: TextPlace::Argument { index, text: text.clone() },
        reason: TextReason::NulInArgument,
    });
    let env = env.iter().flat_map(|(name, value)| {
        let found = [
            (TextReason::EmptyName, name.is_empty()),
            (TextReason::NulInName, has_nul(name)),
            (TextReason::EqualsInName, name.contains('=')),
            (TextReason::NulInValue, has_nul(value)),
        ];
        let found = found.into_iter().filter(|(_, is_so)| *is_so);
        found.map(|(reason, _)| TextProblem { place: TextPlace::Variable { name: name.clone() }, reason })
    });
    Err(TextErrors { problems: args.chain(env).collect() })
}

/// Whether a variable of this process can be passed to a guest.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// Whether Windows takes two names of variables for the same: it compares them letter by letter, without regard to case.
pub(super) fn is_same_on_windows(one: &str, other: &str) -> bool {
    let upper = |letter: char| {
        let mut upper = letter.to_uppercase();
        // A letter that becomes several, such as `ß`, stays.
        upper.next().filter(|_| upper.next().is_none()).unwrap_or(letter)
    };
    one.chars().map(upper).eq(other.chars().map(upper))
}

fn has_nul(text: &str) -> bool {
    text.as_bytes().contains(&0)
}

impl TextErrors {
    /// Every problem: those of arguments first, each in the order given.
    pub fn problems(&self) -> &[TextProblem] {
        &self.problems
    }
}

impl TextReason {
    /// A short name for machines: lower case, words joined by hyphens.
    pub fn name(self) -> &'static str {
        match self {
            Self::NulInArgument => "nul-in-argument",
            Self::NulInName => "nul-in-name",
            Self::NulInValue => "nul-in-value",
            Self::EqualsInName => "equals-in-name",
            Self::EmptyName => "empty-name",
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::NulInArgument => "NUL byte in the argument",
            Self::NulInName => "NUL byte in the name",
            Self::NulInValue => "NUL byte in the value",
            Self::EqualsInName => "`=` in the name",
            Self::EmptyName => "empty name",
        }
    }
}

impl fmt::Display for TextReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for TextPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument { index, text } => write!(f, "argument {index}, {text:?}"),
            Self::Variable { name } => write!(f, "environment variable {name:?}"),
        }
    }
}

impl fmt::Display for TextProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason.describe())
    }
}

impl fmt::Display for TextErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("arguments or environment variables cannot be passed to the guest")?;
        crate::error::write_list(f, self.problems.iter())
    }
}

impl std::error::Error for TextErrors {}

/// The part of an error about text, and about preopens that would be refused beside it.
#[derive(Debug)]
struct Unpassable {
    text: TextErrors,
    preopens: Option<PreopenErrors>,
}

impl From<TextErrors> for Error {
    fn from(errors: TextErrors) -> Self {
        errors.beside(None)
    }
}

impl TextErrors {
    /// The error about this text, with the preopens that would be refused beside it.
    pub(super) fn beside(self, preopens: Option<PreopenErrors>) -> Error {
        let message = match &preopens {
            Some(preopens) => format!("{self}; {preopens}"),
            None => self.to_string(),
        };
        Error::new(ErrorKind::InvalidArgument, message)
            .with_hint("WASI passes each argument, and each variable as NAME=VALUE, as text that ends at a NUL byte")
            .with_part(Unpassable { text: self, preopens })
    }
}

impl Error {
    /// Every argument and environment variable that cannot be passed to the guest, if the guest was refused for one.
    pub fn text(&self) -> Option<&TextErrors> {
        self.part::<Unpassable>().map(|part| &part.text)
    }

    /// Every problem with every preopen, if preopens were refused, or would be beside what [`Error::text`] has.
    pub fn preopens(&self) -> Option<&PreopenErrors> {
        self.part().or_else(|| self.part::<Unpassable>()?.preopens.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables_without_regard_to_case() {
        for (one, other, same) in
            [("Path", "PATH", true), ("é", "É", true), ("PATH", "PATHS", false), ("ß", "SS", false), ("", "", true)]
        {
            assert_eq!(is_same_on_windows(one, other), same, "{one:?} and {other:?}");
        }
    }
}
