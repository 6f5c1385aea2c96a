//! Owns the crate's one error type and its kinds.
//!
//! What an error carries for programs to act on is a *part*, of any type. The module of the type registers the part and
//! declares the accessor, so this room imports nothing from the others.

pub(crate) mod backtrace;
mod kind;
mod missing_export;
mod panic;
mod quoted;
mod trap;
mod unsupported;

use std::any::Any;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Mutex, PoisonError};

pub use self::backtrace::{Frame, FrameSymbol, WasmBacktrace};
pub use self::kind::ErrorKind;
pub(crate) use self::panic::{catching, catching_async};
pub(crate) use self::quoted::quoted;
pub use self::trap::Trap;
pub use self::unsupported::Unsupported;

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Anything that can go wrong, the same on every Wasmtime major.
///
/// It is one pointer wide. [`Error::kind`] classifies it, [`Error::hint`] advises the reader, and the typed parts
/// ([`Error::trap`], [`Error::exit_code`], [`Error::preopens`], [`Error::text`], [`Error::broken_adapter`],
/// [`Error::mismatch`], [`Error::unsupported`], [`Error::missing_import`], [`Error::downcast_ref`]) describe it in terms
/// a program can act on.
///
/// [`Display`](fmt::Display) writes one line, the message without the hint. A cause is either in that line or the
/// [`source`](StdError::source), never both: the operating system's error and that of a host function are sources, and the
/// alternate form `{:#}` appends them; what a Wasmtime reports is put into words in the message, and
/// [`Error::wasmtime_error`] returns the report itself. [`Debug`](fmt::Debug) writes all there is, hint included.
///
/// ```
/// use wasmtime_compat::ErrorKind;
/// use wasmtime_compat::wasi::{Preopen, Reason, WasiConfig};
///
/// let mut wasi = WasiConfig::new();
/// wasi.preopen(Preopen::new("not/here", "/data"));
/// let error = wasi.check_all().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Preopens);
/// assert!(error.to_string().starts_with("1 of 1 preopened directories cannot be used"));
/// // The part for programs.
/// let status = error.preopens().unwrap().errors().next().unwrap();
/// assert_eq!((&*status.guest, status.reason()), ("/data", Some(Reason::Missing)));
/// ```
pub struct Error(Box<Repr>);

/// Ends the guest with an exit code when a host function returns it as its error.
///
/// It reaches the caller as an [`Error`] of kind [`ErrorKind::Exit`], like the guest's own exit.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, ErrorKind, Exit, Linker, Module, Newest, Store};
///
/// // (module (import "host" "exit" (func $exit (param i32))) (func (export "run") (call $exit (i32.const 3))))
/// let wasm = b"\0asm\x01\0\0\0\x01\x08\x02\x60\x01\x7f\0\x60\0\0\x02\x0d\x01\x04host\x04exit\0\0\x03\x02\x01\x01\
///     \x07\x07\x01\x03run\0\x01\x0a\x08\x01\x06\0\x41\x03\x10\0\x0b";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut linker = Linker::<_, ()>::new(&engine);
/// linker.func_wrap("host", "exit", |code: i32| -> anyhow::Result<()> { Err(Exit(code).into()) })?;
/// let mut store = Store::new(&engine, ());
/// let instance = linker.instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let error = instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ()).unwrap_err();
/// assert_eq!((error.kind(), error.exit_code()), (ErrorKind::Exit, Some(3)));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
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
    /// What a module added that any error may have, beside its part.
    attachment: Option<Box<dyn Any + Send + Sync>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    /// The report of the Wasmtime underneath. The message contains its text, so that it is not a source.
    reported: Option<Box<dyn StdError + Send + Sync>>,
}

/// Data for programs to act on. The parts of this module have variants, because every command may end with one.
enum Part {
    None,
    Trap(Trap),
    /// A trap that has more to say.
    Fault(Trap, Box<dyn Any + Send + Sync>),
    Exit(i32),
    Host(anyhow::Error),
    Other(Box<dyn Any + Send + Sync>),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Repr {
            kind,
            message: message.into(),
            hint: None,
            part: Part::None,
            backtrace: None,
            attachment: None,
            source: None,
            reported: None,
        }))
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the cause, which the message does not mention.
    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds the report of Wasmtime, whose text is in the message.
    pub(crate) fn with_report(mut self, report: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.reported = Some(report.into());
        self
    }

    pub(crate) fn with_backtrace(mut self, backtrace: Option<WasmBacktrace>) -> Self {
        self.0.backtrace = backtrace.or(self.0.backtrace);
        self
    }

    /// Adds what a program can act on; [`Error::part`] finds it by its type.
    pub(crate) fn with_part(mut self, part: impl Any + Send + Sync) -> Self {
        self.0.part = Part::Other(Box::new(part));
        self
    }

    /// Adds what any error may have, beside its part; [`Error::attachment`] finds it by its type.
    #[cfg_attr(any(not(feature = "_core"), test), allow(dead_code, reason = "only majors call it"))]
    pub(crate) fn with_attachment(mut self, attachment: Option<impl Any + Send + Sync>) -> Self {
        if let Some(attachment) = attachment {
            self.0.attachment = Some(Box::new(attachment));
        }
        self
    }

    /// The attachment of this type, if the error has one.
    pub(crate) fn attachment<A: Any>(&self) -> Option<&A> {
        self.0.attachment.as_ref()?.downcast_ref()
    }

    /// As [`Error::attachment`], to change it.
    pub(crate) fn attachment_mut<A: Any>(&mut self) -> Option<&mut A> {
        self.0.attachment.as_mut()?.downcast_mut()
    }

    /// As [`Error::with_part`], beside the trap.
    #[cfg_attr(any(not(feature = "_core"), test), allow(dead_code, reason = "only majors call it"))]
    pub(crate) fn with_data(mut self, data: impl Any + Send + Sync) -> Self {
        self.0.part = match std::mem::replace(&mut self.0.part, Part::None) {
            Part::Trap(trap) | Part::Fault(trap, _) => Part::Fault(trap, Box::new(data)),
            _ => Part::Other(Box::new(data)),
        };
        self
    }

    /// The part of this type, if the error has one.
    pub(crate) fn part<P: Any>(&self) -> Option<&P> {
        match &self.0.part {
            Part::Other(part) | Part::Fault(_, part) => part.downcast_ref(),
            _ => None,
        }
    }

    pub(crate) fn from_trap(trap: Trap) -> Self {
        let message = format!("guest trapped: {trap}");
        Self::new(ErrorKind::Trap, message).with_own(Part::Trap(trap))
    }

    /// A trap that the host found, with a description of the fault.
    pub(crate) fn from_fault(trap: Trap, text: &str) -> Self {
        let message = format!("guest trapped: {trap}: {text}");
        Self::new(ErrorKind::Trap, message).with_own(Part::Trap(trap))
    }

    pub(crate) fn from_exit(code: i32) -> Self {
        // Every command that calls `proc_exit(0)` passes here.
        let message = match code {
            0 => Cow::Borrowed("guest exited with code 0"),
            _ => format!("guest exited with code {code}").into(),
        };
        Self::new(ErrorKind::Exit, message).with_own(Part::Exit(code))
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
        Self::new(ErrorKind::Host, "host function failed").with_own(Part::Host(error))
    }

    fn with_own(mut self, part: Part) -> Self {
        self.0.part = part;
        self
    }

    /// The class of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// One line: what failed, and the fact that explains it unless that is the source. [`Display`](fmt::Display) writes
    /// the same.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Advice for the reader, if there is any; possibly several lines.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// What the Wasmtime underneath reported, in its own type and words, if it reported this error. Both change from
    /// one major to the next.
    pub fn wasmtime_error(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.0.reported.as_deref()
    }

    /// The trap, if the guest trapped.
    pub fn trap(&self) -> Option<&Trap> {
        match &self.0.part {
            Part::Trap(trap) | Part::Fault(trap, _) => Some(trap),
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

    /// The caller's own error `E` by value, if a host function, a limiter or a callback returned it; it is found on every major,
    /// also under context that `anyhow::Context` added, and as that context. `E` may contain an `anyhow::Error`. The bounds
    /// are those of `anyhow::Error::downcast`.
    ///
    /// ```
    /// use std::fmt;
    /// use wasmtime_compat::Error;
    ///
    /// /// How an invocation ends, for a caller that takes the error apart.
    /// #[derive(Debug)]
    /// enum Abort {
    ///     OutOfGas,
    ///     Fatal(anyhow::Error),
    /// }
    ///
    /// impl fmt::Display for Abort {
    ///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    ///         f.write_str("aborted")
    ///     }
    /// }
    ///
    /// impl std::error::Error for Abort {}
    ///
    /// fn ended(error: Error) -> anyhow::Result<()> {
    ///     match error.downcast::<Abort>() {
    ///         Ok(Abort::OutOfGas) => Ok(()),
    ///         Ok(Abort::Fatal(error)) => Err(error),
    ///         Err(error) => Err(error.into()),
    ///     }
    /// }
    /// # let _ = ended;
    /// ```
    ///
    /// # Errors
    /// The error itself, if there is no `E` in it.
    pub fn downcast<E: fmt::Display + fmt::Debug + Send + Sync + 'static>(mut self) -> std::result::Result<E, Self> {
        match std::mem::replace(&mut self.0.part, Part::None) {
            Part::Host(error) => error.downcast().map_err(|error| {
                self.0.part = Part::Host(error);
                self
            }),
            part => {
                self.0.part = part;
                Err(self)
            }
        }
    }

    /// The caller's own error `E`, if a host function, a limiter or a callback returned it; as [`Error::downcast`].
    pub fn downcast_ref<E: fmt::Display + fmt::Debug + Send + Sync + 'static>(&self) -> Option<&E> {
        match &self.0.part {
            Part::Host(error) => error.downcast_ref::<E>(),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    /// One line: the message; the alternate form appends the sources.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if f.alternate() {
            causes(self).try_for_each(|cause| write!(f, ": {cause}"))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        causes(self).try_for_each(|cause| write!(f, "\ncaused by: {cause}"))?;
        if let Some(hint) = &self.0.hint {
            write!(f, "\nhint: {hint}")?;
        }
        if let Some(reported) = self.wasmtime_error() {
            write!(f, "\nreported by Wasmtime: {reported}")?;
            causes(reported).try_for_each(|cause| write!(f, "\n  {cause}"))?;
        }
        Ok(())
    }
}

/// The sources of an error, the nearest first.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
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

/// Writes a list of problems after a summary: the first one in the same line, or with the alternate form each on a line
/// of its own.
pub(crate) fn write_list<I>(f: &mut fmt::Formatter<'_>, mut problems: impl Iterator<Item = I>) -> fmt::Result
where
    I: fmt::Display,
{
    if f.alternate() {
        return problems.enumerate().try_for_each(|(index, problem)| {
            let start = if index == 0 { ":\n  " } else { "\n  " };
            write!(f, "{start}{problem}")
        });
    }
    if let Some(first) = problems.next() {
        write!(f, ": {first}")?;
    }
    match problems.count() {
        0 => Ok(()),
        1 => f.write_str(", and 1 more problem"),
        more => write!(f, ", and {more} more problems"),
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
pub(crate) struct HostError(Mutex<Option<anyhow::Error>>);

#[cfg_attr(any(not(feature = "_core"), test), allow(dead_code, reason = "only majors call them"))]
impl HostError {
    pub(crate) fn new(error: anyhow::Error) -> Self {
        Self(Mutex::new(Some(error)))
    }

    /// The error, which is there once. It is taken through a reference where the rest of Wasmtime's error is kept.
    pub(crate) fn take(&self) -> anyhow::Error {
        let error = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        error.unwrap_or_else(|| anyhow::Error::msg("host function failed"))
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => error.fmt(f),
            None => f.write_str("host function failed"),
        }
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
