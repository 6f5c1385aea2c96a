//! Owns the errors about guests as errors of this crate; the rest comes from `wasmtime-compat-guest`.

pub(crate) use wasmtime_compat_guest::internal::{is_import, wasi_version};
pub use wasmtime_compat_guest::{Error as GuestError, ErrorKind as GuestErrorKind, Guest, GuestKind};

use crate::error::{Error, ErrorKind};

impl From<GuestError> for Error {
    fn from(error: GuestError) -> Self {
        let kind = match error.kind() {
            GuestErrorKind::InvalidGuest => ErrorKind::InvalidGuest,
            GuestErrorKind::TooComplex => ErrorKind::TooComplex,
            GuestErrorKind::WrongGuestKind => ErrorKind::WrongGuestKind,
            GuestErrorKind::NotReadapted => ErrorKind::NotReadapted,
            GuestErrorKind::Unprobeable => ErrorKind::Unprobeable,
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
