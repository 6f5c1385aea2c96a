//! Owns the crate's one error type, its kinds, and the typed parts a caller can act on.

pub(crate) mod backtrace;
mod kind;
mod trap;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

pub use self::backtrace::{Frame, FrameSymbol, WasmBacktrace};
pub use self::kind::ErrorKind;
pub use self::trap::Trap;
use crate::command::{BrokenAdapter, MissingImport};
use crate::engine::Mismatch;
use crate::wasi::{PreopenErrors, TextErrors};

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Anything that can go wrong, the same on every Wasmtime major.
///
/// It is one pointer wide. [`Error::kind`] says what happened; the typed parts ([`Error::trap`],
/// [`Error::exit_code`], [`Error::preopens`], [`Error::text`], [`Error::broken_adapter`], [`Error::mismatch`], [`Error::unsupported`],
/// [`Error::missing_import`], [`Error::downcast_ref`]) say it in terms a program can act on;
/// [`std::error::Error::source`] leads to what the Wasmtime underneath reported.
pub struct Error(Box<Repr>);

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
    /// The cargo feature of this crate that adds it to this major, if all that is missing is in another part of the major.
    pub feature: Option<String>,
}

impl Unsupported {
    /// What no supported major can.
    pub(crate) fn new(what: String, major: u64) -> Self {
        Self { what, major, since: None, until: None, feature: None }
    }
}

/// Ends the guest with an exit code when a host function returns it as its error.
///
/// It reaches the caller as an [`Error`] of kind [`ErrorKind::Exit`], like the guest's own exit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Exit(
    /// The exit code.
    pub i32,
);

struct Repr {
    kind: ErrorKind,
    message: Cow<'static, str>,
    hint: Option<String>,
    part: Part,
    backtrace: Option<WasmBacktrace>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

enum Part {
    None,
    Trap(Trap),
    Exit(i32),
    Preopens(PreopenErrors),
    Text(TextErrors, Option<PreopenErrors>),
    BrokenAdapter(BrokenAdapter),
    Mismatch(Mismatch),
    Unsupported(Unsupported),
    Missing(MissingImport),
    Host(anyhow::Error),
    Guest(wasmtime_compat_guest::Error),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Repr {
            kind,
            message: message.into(),
            hint: None,
            part: Part::None,
            backtrace: None,
            source: None,
        }))
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    pub(crate) fn with_source(mut self, source: Box<dyn StdError + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }

    pub(crate) fn with_backtrace(mut self, backtrace: Option<WasmBacktrace>) -> Self {
        self.0.backtrace = backtrace.or(self.0.backtrace);
        self
    }

    fn with_part(mut self, part: Part) -> Self {
        self.0.part = part;
        self
    }

    pub(crate) fn from_trap(trap: Trap) -> Self {
        let message = format!("guest trapped: {trap}");
        Self::new(ErrorKind::Trap, message).with_part(Part::Trap(trap))
    }

    /// A trap that the host found, with what it says about the fault.
    pub(crate) fn from_fault(trap: Trap, text: &str) -> Self {
        let message = format!("guest trapped: {trap}: {text}");
        Self::new(ErrorKind::Trap, message).with_part(Part::Trap(trap))
    }

    pub(crate) fn from_exit(code: i32) -> Self {
        // Every command that calls `proc_exit(0)` passes here.
        let message = match code {
            0 => Cow::Borrowed("guest exited with code 0"),
            _ => format!("guest exited with code {code}").into(),
        };
        Self::new(ErrorKind::Exit, message).with_part(Part::Exit(code))
    }

    pub(crate) fn timed_out() -> Self {
        Self::new(ErrorKind::TimedOut, TimedOut.to_string())
    }

    /// The error a host function returned, back as what it was: an [`Error`] of ours keeps its kind, an [`Exit`] or
    /// a [`Trap`] acts like the guest's own, anything else can be downcast.
    pub(crate) fn from_host(error: anyhow::Error) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(ours) => return ours,
            Err(error) => error,
        };
        if let Some(exit) = error.downcast_ref::<Exit>() {
            return Self::from_exit(exit.0);
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return Self::from_trap(trap.clone());
        }
        Self::new(ErrorKind::Host, format!("host function failed: {error}")).with_part(Part::Host(error))
    }

    /// Text that cannot be passed to a guest, and preopens that would be refused beside it.
    pub(crate) fn from_text(text: TextErrors, preopens: Option<PreopenErrors>) -> Self {
        let message = match &preopens {
            Some(preopens) => format!("{text}\n{preopens}"),
            None => text.to_string(),
        };
        Self::new(ErrorKind::Config, message)
            .with_hint("WASI passes each argument, and each variable as NAME=VALUE, as text that ends at a NUL byte")
            .with_part(Part::Text(text, preopens))
    }

    pub(crate) fn from_unsupported(unsupported: Unsupported) -> Self {
        let hint = match (&unsupported.feature, unsupported.since, unsupported.until) {
            (Some(feature), ..) => format!("turn on the cargo feature `{feature}` of wasmtime-compat"),
            (None, Some(since), None) => format!("Wasmtime has it since {since}"),
            (None, Some(since), Some(until)) => format!("Wasmtime has it from {since} to {until}"),
            (None, None, _) => "no supported Wasmtime has it".to_owned(),
        };
        let part = if unsupported.feature.is_some() { "the compiled part of " } else { "" };
        Self::new(
            ErrorKind::Unsupported,
            format!("not supported by {part}Wasmtime {}: {}", unsupported.major, unsupported.what),
        )
        .with_hint(hint)
        .with_part(Part::Unsupported(unsupported))
    }

    pub(crate) fn from_broken_adapter(broken: BrokenAdapter) -> Self {
        let newer = broken.issue.fixed.map_or_else(String::new, |fixed| format!(" of {fixed} or newer"));
        Self::new(ErrorKind::BrokenAdapter, broken.to_string())
            .with_hint(format!(
                "encode the component again with an adapter{newer} (`wasmtime-compat readapt` does), preopen at \
                 most two directories, or set WasiConfig::allow_broken_adapter; see {}",
                broken.issue.link
            ))
            .with_part(Part::BrokenAdapter(broken))
    }

    pub(crate) fn from_mismatch(mismatch: Mismatch) -> Self {
        Self::new(ErrorKind::Mismatch, format!("cannot load the precompiled guest: {mismatch}"))
            .with_hint("compile the guest again")
            .with_part(Part::Mismatch(mismatch))
    }

    /// An import that nothing satisfies on this major.
    pub(crate) fn from_missing_import(missing: MissingImport, major: u64) -> Self {
        let error = Self::new(ErrorKind::Link, missing.message(major));
        let error = match missing.hint() {
            Some(hint) => error.with_hint(hint),
            None => error,
        };
        error.with_part(Part::Missing(missing))
    }

    /// What happened, roughly.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// One line: what failed, and the fact that explains it. [`Display`](fmt::Display) adds the hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the reader can do about it, where there is something.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The trap, if the guest trapped.
    pub fn trap(&self) -> Option<&Trap> {
        match &self.0.part {
            Part::Trap(trap) => Some(trap),
            _ => None,
        }
    }

    /// Where the guest was when it was stopped, if the error came out of a guest; see
    /// [`Config::backtraces`](crate::Config::backtraces).
    pub fn wasm_backtrace(&self) -> Option<&WasmBacktrace> {
        self.0.backtrace.as_ref()
    }

    /// The exit code, if the guest ended itself. 0 is success, yet it too ends the call early and so is an error here.
    pub fn exit_code(&self) -> Option<i32> {
        match self.0.part {
            Part::Exit(code) => Some(code),
            _ => None,
        }
    }

    /// Every problem with every preopen, if preopens were refused.
    pub fn preopens(&self) -> Option<&PreopenErrors> {
        match &self.0.part {
            Part::Preopens(errors) | Part::Text(_, Some(errors)) => Some(errors),
            _ => None,
        }
    }

    /// Every argument and environment variable that cannot be passed to the guest, if the guest was refused for one.
    pub fn text(&self) -> Option<&TextErrors> {
        match &self.0.part {
            Part::Text(errors, _) => Some(errors),
            _ => None,
        }
    }

    /// The adapter and the names it would have given, if a guest was refused for it.
    pub fn broken_adapter(&self) -> Option<&BrokenAdapter> {
        match &self.0.part {
            Part::BrokenAdapter(broken) => Some(broken),
            _ => None,
        }
    }

    /// Why a precompiled guest does not fit, if that is what happened.
    pub fn mismatch(&self) -> Option<&Mismatch> {
        match &self.0.part {
            Part::Mismatch(mismatch) => Some(mismatch),
            _ => None,
        }
    }

    /// What the major lacks, if it cannot do what was asked.
    pub fn unsupported(&self) -> Option<&Unsupported> {
        match &self.0.part {
            Part::Unsupported(unsupported) => Some(unsupported),
            _ => None,
        }
    }

    /// The import that nothing satisfies, if linking failed for one.
    pub fn missing_import(&self) -> Option<&MissingImport> {
        match &self.0.part {
            Part::Missing(missing) => Some(missing),
            _ => None,
        }
    }

    /// Why a guest was not given another adapter, if that is the error.
    #[cfg(feature = "readapt")]
    pub fn refusal(&self) -> Option<&wasmtime_compat_guest::readapt::Refusal> {
        match &self.0.part {
            Part::Guest(error) => error.refusal(),
            _ => None,
        }
    }

    /// Why a guest cannot be probed, if that is the error.
    #[cfg(feature = "probe")]
    pub fn unprobeable(&self) -> Option<wasmtime_compat_guest::probe::Unprobeable> {
        match &self.0.part {
            Part::Guest(error) => error.unprobeable(),
            _ => None,
        }
    }

    /// The caller's own error `E`, if a host function returned it; it is found on every major.
    pub fn downcast_ref<E: StdError + Send + Sync + 'static>(&self) -> Option<&E> {
        match &self.0.part {
            Part::Host(error) => error.downcast_ref::<E>(),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match &self.0.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        let mut source = self.source();
        while let Some(cause) = source {
            write!(f, "\ncaused by: {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match (&self.0.part, &self.0.source) {
            (Part::Host(error), _) => Some(error.as_ref()),
            (_, Some(source)) => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl From<wasmtime_compat_guest::Error> for Error {
    fn from(error: wasmtime_compat_guest::Error) -> Self {
        use wasmtime_compat_guest::ErrorKind as Kind;

        let kind = match error.kind() {
            Kind::InvalidGuest => ErrorKind::InvalidGuest,
            Kind::TooComplex => ErrorKind::TooComplex,
            Kind::WrongGuestKind => ErrorKind::WrongGuestKind,
            Kind::NotReadapted => ErrorKind::NotReadapted,
            Kind::Unprobeable => ErrorKind::Unprobeable,
            _ => ErrorKind::Other,
        };
        let new = Self::new(kind, error.message().to_owned());
        let new = match error.hint() {
            Some(hint) => new.with_hint(hint),
            None => new,
        };
        new.with_part(Part::Guest(error))
    }
}

impl From<PreopenErrors> for Error {
    fn from(errors: PreopenErrors) -> Self {
        Self::new(ErrorKind::Preopens, errors.to_string()).with_part(Part::Preopens(errors))
    }
}

impl From<TextErrors> for Error {
    fn from(errors: TextErrors) -> Self {
        Self::from_text(errors, None)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit with code {}", self.0)
    }
}

impl StdError for Exit {}

/// A host function's error on its way through Wasmtime: wrapped in a type of ours, it survives every major's own
/// error type (42 loses what `anyhow` could downcast to; see Wasmtime's pull request 12689).
#[derive(Debug)]
pub(crate) struct HostError(pub(crate) anyhow::Error);

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for HostError {}

/// What a store's deadline raises inside Wasmtime when its wall-clock timeout has passed.
#[derive(Debug)]
pub(crate) struct TimedOut;

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wall-clock timeout passed")
    }
}

impl StdError for TimedOut {}
