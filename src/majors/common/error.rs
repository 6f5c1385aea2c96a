//! Errors: this major's error type into ours, by what it holds.

use std::sync::Arc;
use std::{fmt, io};

use super::core::core_dump;
use super::{MAJOR, V, pool_errors, wasmtime, whole};
use crate::command::MissingImport;
use crate::engine::{Engine, Mismatch};
use crate::error::{
    Error, ErrorKind, Frame, FrameSymbol, HostError, Result, TimedOut, Trap, Unsupported, WasmBacktrace,
};
use crate::store::{DeadlineAction, Denied, LimitExceeded};
use crate::wasi::calls::Refused;

/// A host function's error on its way to the guest's caller.
pub(in super::super) fn host(error: anyhow::Error) -> wasmtime::Error {
    wasmtime::Error::new(HostError::new(error))
}

/// The operating system's error inside a Wasmtime error.
#[allow(dead_code, reason = "up to 19 directories are opened without Wasmtime")]
pub(in super::super) fn io(raw: wasmtime::Error) -> io::Error {
    raw.downcast().unwrap_or_else(|raw| io::Error::other(format!("{raw:#}")))
}

/// Why a memory or a table does not grow, if that is an error.
#[cold]
pub(in super::super) fn denied(denied: Denied) -> wasmtime::Error {
    match denied {
        Denied::Exceeded(exceeded) => wasmtime::Error::new(exceeded),
        Denied::User(error) => host(error),
    }
}

/// The result of the user's own limiter and limits for a growth that failed.
#[cold]
pub(in super::super) fn grow_failed(is_error: anyhow::Result<bool>, raw: wasmtime::Error) -> wasmtime::Result<()> {
    match is_error {
        Ok(false) => Ok(()),
        Ok(true) => Err(raw),
        Err(error) => Err(host(error)),
    }
}

/// What an epoch check answers.
pub(in super::super) fn deadline(action: DeadlineAction) -> wasmtime::Result<wasmtime::UpdateDeadline> {
    match action {
        DeadlineAction::Continue(ticks) => Ok(wasmtime::UpdateDeadline::Continue(ticks)),
        DeadlineAction::Yield(ticks) => Ok(whole::yielding(ticks)),
        DeadlineAction::Interrupt | DeadlineAction::Callback => Err(wasmtime::Trap::Interrupt.into()),
        DeadlineAction::TimedOut => Err(wasmtime::Error::new(TimedOut)),
    }
}

/// A module that calls preview1 has no memory for it, in Wasmtime's own words.
#[allow(dead_code, reason = "not every major has its calls checked here")]
#[cold]
pub(in super::super) fn no_memory() -> wasmtime::Error {
    wasmtime::Error::new(NoMemory)
}

/// Refuses to use a guest with a linker or a store of another engine, for which some majors panic.
pub(in super::super) fn same_engine(engine: &wasmtime::Engine, guests: &wasmtime::Engine, what: &str) -> Result<()> {
    if wasmtime::Engine::same(engine, guests) { Ok(()) } else { Err(another_engine(what)) }
}

#[cold]
fn another_engine(what: &str) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!("the {what} was compiled with another engine than the linker or the store"),
    )
    .with_hint("create one engine and use its clones, which are the same engine, for everything")
}

/// Whatever ended a call into a guest.
#[cold]
pub(in super::super) fn call(raw: wasmtime::Error) -> Error {
    // First, because many a command ends with it.
    if whole::exit_code(&raw).is_some() {
        return classify(raw, ErrorKind::Exit, "the guest exited");
    }
    let backtrace = raw.downcast_ref::<wasmtime::WasmBacktrace>().map(backtrace);
    let error = if raw.is::<wasmtime::WasmCoreDump>() {
        dumped(raw)
    } else {
        match raw.downcast::<HostError>() {
            Ok(host) => Error::from_host(host.take()),
            Err(raw) => ended(&raw).with_report(raw),
        }
    };
    error.with_backtrace(backtrace)
}

/// As the rest of [`call`], for an error with a core dump, which is not taken out of the error.
fn dumped(raw: wasmtime::Error) -> Error {
    let raw = Arc::new(raw);
    let error = match raw.downcast_ref::<HostError>() {
        Some(host) => Error::from_host(host.take()),
        None => ended(&raw).with_report(Shared(raw.clone())),
    };
    if error.exit_code().is_some() { error } else { error.with_attachment(core_dump::of(&raw)) }
}

/// What ended a call into a guest, if that was not the error of a host function.
fn ended(raw: &wasmtime::Error) -> Error {
    match fault(raw) {
        Some((trap, text)) => {
            let exceeded = raw.downcast_ref::<LimitExceeded>().cloned();
            exceeded.into_iter().fold(Error::from_fault(trap, &text), Error::with_data)
        }
        // Up to 22 the engine of a component is not known before.
        None if raw.root_cause().to_string().starts_with("cross-`Engine`") => another_engine("component"),
        None if is_shared_memory_missing(raw) => no_shared_memory(),
        None => match (raw.downcast_ref::<wasmtime::UnknownImportError>(), stub_of(raw)) {
            (Some(unknown), _) => unknown_import(unknown),
            (None, Some(stub)) => missing(stub),
            (None, None) => described(raw, ErrorKind::Other, "the host failed while it served the guest"),
        },
    }
}

/// An error of Wasmtime's that the core dump in it needs as well.
#[derive(Debug)]
struct Shared(Arc<wasmtime::Error>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.chain().nth(1)
    }
}

/// Why a memory that threads share is not created.
#[cold]
pub(super) fn shared_memory(raw: wasmtime::Error) -> Error {
    if !is_shared_memory_missing(&raw) {
        return classify(raw, ErrorKind::Other, "cannot create the shared memory");
    }
    no_shared_memory().with_report(raw)
}

fn no_shared_memory() -> Error {
    let what = "memories that threads share".to_owned();
    Error::from_unsupported(Unsupported::new(what, MAJOR)).with_hint("Config::shared_memory(true) switches them on")
}

/// The import of a component that was defined to fail when it is called: Wasmtime has no type for this error.
fn stub_of(raw: &wasmtime::Error) -> Option<String> {
    if raw.is::<HostError>() {
        return None;
    }
    let text = raw.root_cause().to_string();
    let name = text.strip_prefix("unknown import: `")?.strip_suffix("` has not been defined")?;
    Some(name.to_owned())
}

fn is_shared_memory_missing(raw: &wasmtime::Error) -> bool {
    raw.root_cause().to_string().starts_with("shared memory support is disabled")
}

/// A fault of the guest's that the host found: the component model and WASI call it a trap, this major may not.
fn fault(raw: &wasmtime::Error) -> Option<(Trap, String)> {
    if raw.is::<HostError>() || raw.is::<TimedOut>() || raw.is::<wasmtime::Trap>() {
        return None;
    }
    // The innermost cause: what is around it are backtraces and names of Wasmtime's own functions.
    let text = raw.root_cause().to_string();
    let trap = if raw.is::<Refused>() {
        raw.downcast_ref::<Refused>().map(Refused::trap)
    } else if raw.is::<LimitExceeded>() {
        Some(Trap::LimitExceeded)
    } else {
        Trap::of_text(&text)
    };
    trap.map(|trap| (trap, text))
}

/// The frames of a guest.
#[cold]
pub(in super::super) fn backtrace(raw: &wasmtime::WasmBacktrace) -> WasmBacktrace {
    frames(raw.frames())
}

/// As [`backtrace`].
pub(super) fn frames(all: &[wasmtime::FrameInfo]) -> WasmBacktrace {
    let engine = all.first().map(|frame| Engine::<V>::of_raw(frame.module().engine(), false));
    let most = engine.map_or(0, |engine| engine.max_frames());
    WasmBacktrace { frames: all.iter().take(most).map(frame).collect(), is_cut: all.len() > most }
}

pub(super) fn frame(raw: &wasmtime::FrameInfo) -> Frame {
    let mut frame = Frame::new(raw.module().name(), raw.func_name(), raw.func_index());
    (frame.module_offset, frame.function_offset) = (raw.module_offset(), raw.func_offset());
    let symbols = raw.symbols().iter();
    frame.symbols = symbols.map(|raw| FrameSymbol::new(raw.name(), raw.file(), raw.line(), raw.column())).collect();
    frame
}

/// An error by what it holds; by `kind` and `what` if that says nothing.
#[cold]
pub(in super::super) fn classify(raw: wasmtime::Error, kind: ErrorKind, what: &str) -> Error {
    // First, because many a command ends with it.
    if let Some(code) = whole::exit_code(&raw) {
        return Error::from_exit(code).with_report(raw);
    }
    let raw = match raw.downcast::<HostError>() {
        Ok(host) => return Error::from_host(host.take()),
        Err(raw) => raw,
    };
    described(&raw, kind, what).with_report(raw)
}

/// As [`classify`], if it is neither an exit nor the error of a host function; without the report.
fn described(raw: &wasmtime::Error, kind: ErrorKind, what: &str) -> Error {
    if raw.is::<TimedOut>() {
        Error::timed_out()
    } else if let Some(trap) = raw.downcast_ref::<wasmtime::Trap>() {
        Error::from_trap(Trap::named(&format!("{trap:?}"), trap.to_string()))
    } else {
        // The innermost cause: what is around it are backtraces and names of Wasmtime's own functions.
        let text = raw.root_cause().to_string();
        if pool_errors::is_exhausted(raw, &text) {
            Error::new(ErrorKind::PoolExhausted, format!("the pool of the engine is exhausted: {text}"))
                .with_hint("drop stores first, or raise the limit in PoolingAllocationConfig")
        } else {
            Error::new(kind, format!("{what}: {text}"))
        }
    }
}

/// A function that the guest does not export; `place` names the interface.
#[cold]
pub(in super::super) fn no_function(name: &str, place: &str) -> Error {
    Error::no_function(name, place)
}

/// Why an export cannot be called with the types that the caller chose.
#[cold]
pub(in super::super) fn other_type(raw: wasmtime::Error, name: &str) -> Error {
    classify(raw, ErrorKind::TypeMismatch, &format!("cannot use the export `{name}`"))
}

/// Why a module is not compiled.
pub(in super::super) fn not_a_module(raw: wasmtime::Error) -> Error {
    classify(raw, ErrorKind::InvalidGuest, "not a valid module")
}

/// Why Wasmtime does not load code of its own version, whose settings were checked if they could be.
pub(in super::super) fn not_loaded(raw: wasmtime::Error) -> Error {
    Mismatch::undetected(whole::PARTS).with_report(raw)
}

/// Why a module cannot be linked.
pub(in super::super) fn link_module(raw: wasmtime::Error) -> Error {
    match raw.downcast_ref::<wasmtime::UnknownImportError>() {
        Some(unknown) => unknown_import(unknown).with_report(raw),
        None => {
            let text = format!("{raw:#}");
            let named = text.split_once("incompatible import type for `").and_then(|(_, rest)| rest.split('`').next());
            match named {
                Some(name) => {
                    let missing = MissingImport { wrong_type: true, ..MissingImport::new(name.to_owned(), MAJOR) };
                    Error::from_missing_import(missing, MAJOR).with_report(raw)
                }
                None => classify(raw, ErrorKind::Link, "cannot link the module"),
            }
        }
    }
}

/// Why a module is not instantiated and linked: its names and imports, or what its code did.
pub(in super::super) fn linked_module(raw: wasmtime::Error) -> Error {
    let text = raw.root_cause().to_string();
    let is_link = raw.is::<wasmtime::UnknownImportError>()
        || format!("{raw:#}").contains("incompatible import type for `")
        || text.ends_with("defined twice")
        || text.ends_with("must be a function")
        || text.starts_with("command export ")
        || text.starts_with("expected ") && text.contains(" imports, found ")
        || text.ends_with("both a Command and a Reactor");
    if is_link { link_module(raw) } else { call(raw) }
}

fn unknown_import(unknown: &wasmtime::UnknownImportError) -> Error {
    missing(format!("{}::{}", unknown.module(), unknown.name()))
}

fn missing(name: String) -> Error {
    Error::from_missing_import(MissingImport::new(name, MAJOR), MAJOR)
}

#[derive(Debug)]
struct NoMemory;

impl fmt::Display for NoMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("missing required memory export")
    }
}

impl std::error::Error for NoMemory {}
