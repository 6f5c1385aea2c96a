//! Owns `ErrorKind`: the kinds of errors.

use std::fmt;

/// Declares the kinds with their names, so that none can be without one.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident = $name:literal,)*) => {
        /// The class of an [`Error`](crate::Error). More kinds may be added.
        ///
        /// ```
        /// use wasmtime_compat::wasi::WasiConfig;
        /// use wasmtime_compat::{Error, ErrorKind};
        ///
        /// /// Whether another attempt with the same guest may succeed.
        /// fn is_temporary(error: &Error) -> bool {
        ///     matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::PoolExhausted | ErrorKind::Io)
        /// }
        ///
        /// let error = WasiConfig::new().arg("a\0b").check_all().unwrap_err();
        /// assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        /// assert!(!is_temporary(&error));
        /// assert_eq!(ErrorKind::from_name("invalid-argument"), Some(ErrorKind::InvalidArgument));
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl ErrorKind {
            /// A short name for machines: lower case, words joined by hyphens. Names do not change.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// The kind of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$kind),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// The guest's bytes are not a WebAssembly binary that this major accepts.
    InvalidGuest = "invalid-guest",
    /// The guest's bytes stand for far more than a guest of their size has, so that compiling or even validating it would
    /// take minutes or gigabytes. It may be valid; see
    /// [`Config::allow_complex_guests`](crate::Config::allow_complex_guests).
    TooComplex = "too-complex",
    /// A component where a core module was expected, or the other way round.
    WrongGuestKind = "wrong-guest-kind",
    /// An import is missing or has the wrong type; see [`Error::missing_import`](crate::Error::missing_import).
    Link = "link",
    /// An export is missing.
    Export = "export",
    /// An export, or a value, has another type than the caller expected.
    TypeMismatch = "type-mismatch",
    /// An offset, an index or a size is beyond the end of a memory, or beyond the size that it may have.
    OutOfBounds = "out-of-bounds",
    /// A value given to this crate cannot be used: an object of another engine, a type that contradicts itself, or
    /// arguments and environment variables that cannot be passed to a guest; see [`Error::text`](crate::Error::text).
    InvalidArgument = "invalid-argument",
    /// Preopened directories were refused; see [`Error::preopens`](crate::Error::preopens).
    Preopens = "preopens",
    /// The guest's adapter would give its preopened directories wrong names; see [`Error::broken_adapter`](crate::Error::broken_adapter).
    BrokenAdapter = "broken-adapter",
    /// The engine configuration contradicts itself or is beyond a limit, or lacks what a call needs, such as fuel.
    Config = "config",
    /// A precompiled guest does not fit; see [`Error::mismatch`](crate::Error::mismatch).
    Mismatch = "mismatch",
    /// This major lacks the requested ability; see [`Error::unsupported`](crate::Error::unsupported).
    Unsupported = "unsupported",
    /// The guest trapped; see [`Error::trap`](crate::Error::trap).
    Trap = "trap",
    /// The guest ended itself; see [`Error::exit_code`](crate::Error::exit_code).
    Exit = "exit",
    /// A wall-clock timeout passed.
    TimedOut = "timed-out",
    /// The pool that an engine allocates from has nothing left of what a guest needs; see
    /// [`PoolingAllocationConfig`](crate::PoolingAllocationConfig).
    PoolExhausted = "pool-exhausted",
    /// An HTTP exchange failed with an error code of `wasi:http`; with HTTP on, `Error::http_error_code` has it.
    Http = "http",
    /// A guest that was to respond to an HTTP request returned without a response.
    NoResponse = "no-response",
    /// A host function returned its own error; see [`Error::downcast_ref`](crate::Error::downcast_ref).
    Host = "host",
    /// A synchronous call on an async engine, or the other way round.
    SyncAsyncMismatch = "sync-async-mismatch",
    /// A blocking call from inside an async task that must not block: one of a runtime with one thread, or of a `LocalSet`.
    /// Tasks of a tokio runtime with many threads may block.
    BlockingInAsync = "blocking-in-async",
    /// The host's own code panicked while it served the guest.
    HostPanic = "host-panic",
    /// A guest was not given another adapter; with the feature `readapt`, `Error::refusal` has the reason.
    NotReadapted = "not-readapted",
    /// The operating system reported an error.
    Io = "io",
    /// The guest was built in a way that the probe does not recognise; with the feature `probe`, `Error::unprobeable`
    /// says why.
    Unprobeable = "unprobeable",
    /// WIT cannot express the imports or exports of a component; with the feature `wit`, `wit::Wit::read` reports it.
    NoWit = "no-wit",
    /// Wasmtime reported an error that belongs to none of the other kinds.
    Other = "other",
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
