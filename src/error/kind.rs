//! Owns `ErrorKind`: the kinds of errors.

/// What happened, roughly. More kinds may be added.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The guest's bytes are not a WebAssembly binary that this major accepts.
    InvalidGuest,
    /// The guest's bytes stand for far more than a guest of their size has, so that compiling or even validating it would
    /// take minutes or gigabytes. It may be valid; see
    /// [`Config::allow_complex_guests`](crate::Config::allow_complex_guests).
    TooComplex,
    /// A component where a core module was wanted, or the other way round.
    WrongGuestKind,
    /// An import is missing or has the wrong type; see [`Error::missing_import`](crate::Error::missing_import).
    Link,
    /// An export is missing or has another type than asked for.
    Export,
    /// Preopened directories were refused; see [`Error::preopens`](crate::Error::preopens).
    Preopens,
    /// The guest's adapter would give its preopened directories wrong names; see [`Error::broken_adapter`](crate::Error::broken_adapter).
    BrokenAdapter,
    /// The engine configuration, or a value given to this crate, makes no sense; see [`Error::text`](crate::Error::text) for arguments and
    /// environment variables.
    Config,
    /// A precompiled guest does not fit; see [`Error::mismatch`](crate::Error::mismatch).
    Mismatch,
    /// This major cannot do what was asked; see [`Error::unsupported`](crate::Error::unsupported).
    Unsupported,
    /// The guest trapped; see [`Error::trap`](crate::Error::trap).
    Trap,
    /// The guest ended itself; see [`Error::exit_code`](crate::Error::exit_code).
    Exit,
    /// A wall-clock timeout passed.
    TimedOut,
    /// A host function returned its own error; see [`Error::downcast_ref`](crate::Error::downcast_ref).
    Host,
    /// A synchronous call on an async engine, or the other way round.
    SyncAsyncMismatch,
    /// A blocking call from inside an async task.
    BlockingInAsync,
    /// The host's own code panicked while it served the guest.
    HostPanic,
    /// A guest was not given another adapter; with the feature `readapt`, the error's `refusal` says why.
    NotReadapted,
    /// The operating system refused something.
    Io,
    /// The guest is of a make that the probe does not know; with the feature `probe`, `Error::unprobeable` says more.
    Unprobeable,
    /// What the Wasmtime underneath reported fits none of the other kinds.
    Other,
}
