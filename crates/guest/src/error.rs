//! Owns the error of this crate, its kinds, and the typed parts that a caller can act on.

use std::borrow::Cow;
use std::fmt;

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reason why a guest cannot be read or probed, or its adapter not replaced.
///
/// The error is one pointer wide. [`Error::kind`] classifies it, [`Error::hint`] advises the reader, and the typed parts
/// (`Error::refusal` with the feature `readapt`, `Error::unprobeable` with the feature `probe`) describe it in terms a
/// program can act on. [`Display`](fmt::Display) writes one line, the message without the hint.
///
/// ```
/// use wasmtime_compat_guest::{ErrorKind, Guest};
///
/// let error = Guest::parse(b"(module)").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidGuest);
/// assert!(error.message().contains("the guest is text") && error.to_string() == error.message());
/// ```
pub struct Error(Box<Repr>);

/// The class of an [`Error`]. More kinds may be added.
///
/// ```
/// use wasmtime_compat_guest::{ErrorKind, Guest, GuestKind};
///
/// // A module where a component is needed, and bytes that are neither.
/// assert_eq!(GuestKind::Component.expect(b"\0asm\x01\0\0\0").unwrap_err().kind(), ErrorKind::WrongGuestKind);
/// assert_eq!(Guest::parse(b"MZ").unwrap_err().kind(), ErrorKind::InvalidGuest);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are not a WebAssembly binary.
    InvalidGuest,
    /// The guest contains far more than a guest of its size should: compiling, or even validating, it would take
    /// minutes or gigabytes. The guest may be valid.
    TooComplex,
    /// A component where a core module was expected, or the other way round.
    WrongGuestKind,
    /// The adapter of the guest was not replaced; see `Error::refusal`.
    NotReadapted,
    /// The guest has a structure that the probe does not support; see `Error::unprobeable`.
    Unprobeable,
    /// The component is valid, and WIT has no words for what it imports or exports.
    NoWit,
    /// The operating system reported an error.
    Io,
}

struct Repr {
    kind: ErrorKind,
    message: Cow<'static, str>,
    hint: Option<String>,
    #[cfg_attr(
        not(any(feature = "probe", feature = "readapt")),
        allow(dead_code, reason = "only the probe and giving another adapter have parts")
    )]
    part: Part,
}

enum Part {
    None,
    #[cfg(feature = "readapt")]
    Refusal(crate::readapt::Refusal),
    #[cfg(feature = "probe")]
    Unprobeable(crate::probe::Unprobeable),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Repr { kind, message: message.into(), hint: None, part: Part::None }))
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    #[cfg(any(feature = "readapt", feature = "probe"))]
    fn with_part(mut self, part: Part) -> Self {
        self.0.part = part;
        self
    }

    /// The class of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// One line: what failed, and the fact that explains it.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Advice for the reader, if there is any.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The reason why the adapter of a guest was not replaced, if that is the error.
    #[cfg(feature = "readapt")]
    #[cfg_attr(docsrs, doc(cfg(feature = "readapt")))]
    pub fn refusal(&self) -> Option<&crate::readapt::Refusal> {
        match &self.0.part {
            Part::Refusal(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The reason why a guest cannot be probed, if that is the error.
    #[cfg(feature = "probe")]
    #[cfg_attr(docsrs, doc(cfg(feature = "probe")))]
    pub fn unprobeable(&self) -> Option<crate::probe::Unprobeable> {
        match self.0.part {
            Part::Unprobeable(reason) => Some(reason),
            _ => None,
        }
    }
}

#[cfg(feature = "readapt")]
impl From<crate::readapt::Refusal> for Error {
    fn from(refusal: crate::readapt::Refusal) -> Self {
        let error = Self::new(ErrorKind::NotReadapted, format!("the adapter was not replaced: {refusal}"));
        let error = match refusal.hint() {
            Some(hint) => error.with_hint(hint),
            None => error,
        };
        error.with_part(Part::Refusal(refusal))
    }
}

#[cfg(feature = "probe")]
impl From<crate::probe::Unprobeable> for Error {
    fn from(reason: crate::probe::Unprobeable) -> Self {
        Self::new(ErrorKind::Unprobeable, format!("guest cannot be probed: {reason}"))
            .with_part(Part::Unprobeable(reason))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        match &self.0.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
