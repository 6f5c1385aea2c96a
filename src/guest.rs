//! Owns what is done with the bytes of a guest before a major sees them: reading a file, assembling text; and the errors about
//! guests as errors of this crate. The rest comes from `wasmtime-compat-guest`.

use std::borrow::Cow;
use std::path::Path;

pub(crate) use wasmtime_compat_guest::internal::{is_import, wasi_version};
pub use wasmtime_compat_guest::{Error as GuestError, ErrorKind as GuestErrorKind, Guest, GuestKind};

use crate::error::{Error, ErrorKind, Result, quoted};

/// The bytes of a guest in a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        // Windows refuses access to a directory.
        let is_directory = cfg!(windows) && path.is_dir();
        let error = if is_directory { std::io::ErrorKind::IsADirectory.into() } else { error };
        Error::new(ErrorKind::Io, format!("cannot read the guest {}", quoted(path))).with_source(error)
    })
}

/// The binary form of a guest. Without the feature `wat`, text is handed on as it is, and refused later.
#[cfg(not(feature = "wat"))]
#[inline]
pub(crate) fn binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>> {
    Ok(Cow::Borrowed(bytes))
}

/// The binary form of a guest, which may be text. What does not begin as text does is handed on as it is.
#[cfg(feature = "wat")]
pub(crate) fn binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>> {
    match bytes.trim_ascii_start() {
        [b'(', ..] | [b';', b';', ..] => wat::parse_bytes(bytes).map_err(|error| not_assembled(&error)),
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

/// The error of the assembler on one line: what is wrong, and in which line and column of the text.
#[cfg(feature = "wat")]
#[cold]
fn not_assembled(error: &wat::Error) -> Error {
    let text = error.to_string();
    let (what, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let place = rest.lines().next().and_then(|place| place.trim().strip_prefix("--> <anon>:"));
    // A line that is too long to be shown has its place at the end of the message.
    let (what, place) = match place {
        Some(place) => (what, Some(place)),
        None => what.rsplit_once(" at <anon>:").map_or((what, None), |(what, place)| (what, Some(place))),
    };
    let message = match place.and_then(|place| place.split_once(':')) {
        Some((line, column)) => format!("not WebAssembly in the text format: line {line}, column {column}: {what}"),
        None => format!("not WebAssembly in the text format: {what}"),
    };
    Error::new(ErrorKind::InvalidGuest, message)
}

impl From<GuestError> for Error {
    fn from(error: GuestError) -> Self {
        let kind = match error.kind() {
            GuestErrorKind::InvalidGuest => ErrorKind::InvalidGuest,
            GuestErrorKind::TooComplex => ErrorKind::TooComplex,
            GuestErrorKind::WrongGuestKind => ErrorKind::WrongGuestKind,
            GuestErrorKind::NotReadapted => ErrorKind::NotReadapted,
            GuestErrorKind::Unprobeable => ErrorKind::Unprobeable,
            GuestErrorKind::NoWit => ErrorKind::NoWit,
            GuestErrorKind::Io => ErrorKind::Io,
            _ => ErrorKind::Other,
        };
        let new = Self::new(kind, error.message().to_owned());
        let new = match error.hint() {
            Some(hint) => new.with_hint(hint),
            None => new,
        };
        new.with_part(error)
    }
}

#[cfg(any(feature = "readapt", feature = "probe"))]
impl Error {
    /// The reason why the adapter of a guest was not replaced, if that is the error.
    #[cfg(feature = "readapt")]
    pub fn refusal(&self) -> Option<&wasmtime_compat_guest::readapt::Refusal> {
        self.part::<GuestError>()?.refusal()
    }

    /// The reason why a guest cannot be probed, if that is the error.
    #[cfg(feature = "probe")]
    pub fn unprobeable(&self) -> Option<wasmtime_compat_guest::probe::Unprobeable> {
        self.part::<GuestError>()?.unprobeable()
    }
}
