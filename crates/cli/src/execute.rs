//! Owns one run of one guest on one major in this process, from compiling to its outcome.

use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use wasmtime_compat::wasi::{Captured, PreopenReport, Verdict};
use wasmtime_compat::{AnyCommand, AnyInstance, AnyWasmtime, Completed, Error, ErrorKind, Outcome, RunConfig};

use crate::call::{self, Call, NoResults};
use crate::files;
use crate::guest_file::{GuestFile, UnreadableGuest};
use crate::json::{self, Kind, Run, SCHEMA};
use crate::style::{self, Spinner, visible};

/// The stack of the thread that compiles within a time limit: what the main thread usually has, and a margin.
const COMPILE_STACK: usize = 16 << 20;

/// What is done with a guest.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// The guest is run as a command.
    Command {
        /// Where a core dump is written if it traps.
        core_dump: Option<PathBuf>,
    },
    /// An exported function is called.
    Call(Call),
}

/// A guest that is ready.
enum Ready {
    Command { command: Box<dyn AnyCommand>, core_dump: Option<PathBuf> },
    Instance(Box<dyn AnyInstance>, Call),
}

/// Compiles and runs a guest in this process, or calls a function of it, with progress on a terminal. A guest that is still
/// being compiled after `compile_timeout` is refused; the thread that compiles it goes on until the process ends.
pub(crate) fn execute(
    wasmtime: &'static dyn AnyWasmtime,
    guest: &GuestFile,
    config: &RunConfig,
    work: &Work,
    captured: bool,
    compile_timeout: Option<Duration>,
) -> Run {
    if let Some(error) = unpassable(config) {
        return refused(blank(wasmtime, guest.json.clone()), &error, config);
    }
    let spinner = Spinner::new(compiling(guest, wasmtime));
    let ready = match compile(wasmtime, guest, config, work, compile_timeout) {
        Ok(ready) => ready,
        Err(stop) => return stop.run(wasmtime, guest, config),
    };
    // Without captured output the terminal is the guest's now.
    let spinner = captured.then_some(spinner).inspect(|spinner| spinner.say(running(guest, wasmtime)));
    let run = start(wasmtime, guest, config, ready);
    drop(spinner);
    run
}

/// As [`execute`], without progress and time limit; calls `compiled` between compiling and running.
pub(crate) fn execute_silently(
    wasmtime: &'static dyn AnyWasmtime,
    guest: &GuestFile,
    config: &RunConfig,
    work: &Work,
    compiled: impl FnOnce(),
) -> Run {
    if let Some(error) = unpassable(config) {
        return refused(blank(wasmtime, guest.json.clone()), &error, config);
    }
    match work.prepare(wasmtime, &guest.wasm, config) {
        Ok(ready) => {
            compiled();
            start(wasmtime, guest, config, ready)
        }
        Err(error) => stopped(blank(wasmtime, guest.json.clone()), &error, config, json::Outcome::Refused),
    }
}

impl Work {
    /// The guest is run as a command, without a core dump.
    pub(crate) const COMMAND: Self = Self::Command { core_dump: None };

    fn prepare(&self, wasmtime: &dyn AnyWasmtime, wasm: &[u8], config: &RunConfig) -> Result<Ready, Error> {
        match self {
            Self::Command { core_dump } => {
                let command = wasmtime.compile(wasm, config)?;
                Ok(Ready::Command { command, core_dump: core_dump.clone() })
            }
            Self::Call(call) => Ok(Ready::Instance(call::instantiate(wasmtime, wasm, config)?, call.clone())),
        }
    }
}

/// Arguments and environment that cannot be passed, with what is wrong beside them: known before compiling. Nothing is
/// made then.
fn unpassable(config: &RunConfig) -> Option<Error> {
    config.wasi.check_text().err().and_then(|_| config.wasi.check_all().err())
}

/// A run that was not started, because the guest cannot be read.
pub(crate) fn without_guest(wasmtime: &dyn AnyWasmtime, guest: json::Guest, reason: UnreadableGuest) -> Run {
    Run {
        error: reason.message.lines().next().map(str::to_owned),
        error_text: reason.message.contains('\n').then_some(reason.message),
        error_kind: Some(Kind::Library(reason.kind)),
        error_hint: reason.hint,
        ..blank(wasmtime, guest)
    }
}

/// A run that was not started, because compiling took longer than `limit`.
pub(crate) fn compiled_too_long(wasmtime: &dyn AnyWasmtime, guest: json::Guest, limit: Duration) -> Run {
    Run {
        error: Some(format!("compiling takes longer than {limit:?}")),
        error_kind: Some(Kind::CompileTimeout),
        error_hint: Some("--compile-timeout sets the limit".to_owned()),
        ..blank(wasmtime, guest)
    }
}

/// What is being done, for people.
pub(crate) fn compiling(guest: &GuestFile, wasmtime: &dyn AnyWasmtime) -> String {
    format!("compiling {} for Wasmtime {}", visible(&guest.name), wasmtime.major())
}

/// What is being done once it is compiled, for people.
pub(crate) fn running(guest: &GuestFile, wasmtime: &dyn AnyWasmtime) -> String {
    format!("running {} on Wasmtime {}", visible(&guest.name), wasmtime.major())
}

/// Why a guest was not compiled.
pub(crate) enum Stop {
    Error(Error),
    TooLong(Duration),
    Panicked,
}

impl Stop {
    fn run(self, wasmtime: &dyn AnyWasmtime, guest: &GuestFile, config: &RunConfig) -> Run {
        let guest = guest.json.clone();
        match self {
            Self::Error(error) => stopped(blank(wasmtime, guest), &error, config, json::Outcome::Refused),
            Self::TooLong(limit) => compiled_too_long(wasmtime, guest, limit),
            Self::Panicked => Run {
                error: Some("the host panicked while compiling the guest".to_owned()),
                error_kind: Some(Kind::Library(ErrorKind::HostPanic)),
                ..blank(wasmtime, guest)
            },
        }
    }
}

fn compile(
    wasmtime: &'static dyn AnyWasmtime,
    guest: &GuestFile,
    config: &RunConfig,
    work: &Work,
    limit: Option<Duration>,
) -> Result<Ready, Stop> {
    let (wasm, config, work) = (Arc::clone(&guest.wasm), config.clone(), work.clone());
    within(limit, move || work.prepare(wasmtime, &wasm, &config))
}

/// Does the work of compiling, in a thread of its own if there is a limit. The thread goes on after it.
pub(crate) fn within<T: Send + 'static>(
    limit: Option<Duration>,
    work: impl Fn() -> Result<T, Error> + Send + Sync + 'static,
) -> Result<T, Stop> {
    let Some(limit) = limit else {
        return work().map_err(Stop::Error);
    };
    let (sender, receiver) = mpsc::channel();
    let work = Arc::new(work);
    let there = Arc::clone(&work);
    let thread = thread::Builder::new().name("compile".to_owned()).stack_size(COMPILE_STACK);
    let spawned = thread.spawn(move || {
        // Nothing receives what comes too late.
        let _ = sender.send(there());
    });
    if spawned.is_err() {
        // Then without the limit: better than not at all.
        return work().map_err(Stop::Error);
    }
    match receiver.recv_timeout(limit) {
        Ok(result) => result.map_err(Stop::Error),
        Err(RecvTimeoutError::Timeout) => Err(Stop::TooLong(limit)),
        Err(RecvTimeoutError::Disconnected) => Err(Stop::Panicked),
    }
}

fn start(wasmtime: &dyn AnyWasmtime, guest: &GuestFile, config: &RunConfig, ready: Ready) -> Run {
    let blank = blank(wasmtime, guest.json.clone());
    match ready {
        Ready::Command { command, core_dump } => match without_panic_message(|| command.run(config)) {
            Ok(completed) => {
                if let (Some(path), Some(dump)) = (core_dump, &completed.core_dump) {
                    write_core_dump(&path, dump.as_deref());
                }
                finished(blank, &completed)
            }
            Err(error) => refused(blank, &error, config),
        },
        Ready::Instance(instance, call) => called(blank, instance, &call, config),
    }
}

/// Writes a core dump into the file that the user named. What goes wrong is a warning: the run is over.
fn write_core_dump(path: &Path, dump: Result<&[u8], &Error>) {
    let written =
        dump.map_err(ToString::to_string).and_then(|dump| files::write(path, dump).map_err(|error| error.to_string()));
    if let Err(error) = written {
        style::warning(&format!(
            "no core dump in {}: {}",
            style::in_quotes(&path.display().to_string()),
            visible(&error)
        ));
    }
}

/// The most bytes of results that are kept, as text.
const LONGEST_RESULTS: usize = 16 << 20;

/// Calls a function of an instance.
fn called(blank: Run, mut instance: Box<dyn AnyInstance>, call: &Call, config: &RunConfig) -> Run {
    let started = Instant::now();
    let results = without_panic_message(|| call.invoke(&mut *instance));
    let seconds = started.elapsed().as_secs_f64();
    let mut run = match results {
        Ok(results) if results.iter().map(String::len).sum::<usize>() > LONGEST_RESULTS => Run {
            outcome: json::Outcome::Failed,
            error: Some(format!("the results have more than {LONGEST_RESULTS} bytes as text")),
            error_kind: Some(Kind::Library(ErrorKind::Other)),
            ..blank
        },
        Ok(results) => Run { outcome: json::Outcome::Returned, results: Some(results), ..blank },
        Err(NoResults::NotCalled { kind, message, hint }) => {
            return Run { error: Some(message), error_kind: Some(Kind::Library(kind)), error_hint: hint, ..blank };
        }
        Err(NoResults::Failed(error)) => stopped(blank, &error, config, json::Outcome::Failed),
    };
    run.seconds = seconds;
    with_output(run, &instance.take_stdout().unwrap_or_default(), &instance.take_stderr().unwrap_or_default())
}

/// Runs a guest without panic messages on standard error: a panic inside Wasmtime's WASI comes back as an outcome.
/// Who sets `RUST_BACKTRACE` wants to see where it came from.
pub(crate) fn without_panic_message<R>(run: impl FnOnce() -> R) -> R {
    if wants_backtrace() {
        return run();
    }
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = run();
    panic::set_hook(hook);
    result
}

/// Whether the user wants to see where a panic came from.
pub(crate) fn wants_backtrace() -> bool {
    std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0")
}

/// A run of which nothing is known yet but on what.
pub(crate) fn blank(wasmtime: &dyn AnyWasmtime, guest: json::Guest) -> Run {
    let nothing = json::sha256(&[]);
    Run {
        schema: SCHEMA,
        major: wasmtime.major(),
        wasmtime: wasmtime.report().wasmtime.to_string(),
        outcome: json::Outcome::Refused,
        code: None,
        results: None,
        trap: None,
        trap_text: None,
        backtrace: Vec::new(),
        backtrace_cut: false,
        signal: None,
        error: None,
        error_text: None,
        error_kind: None,
        error_hint: None,
        stdout: String::new(),
        stderr: String::new(),
        stdout_sha256: nothing.clone(),
        stderr_sha256: nothing,
        stdout_dropped: 0,
        stderr_dropped: 0,
        output_lost: false,
        stdout_kept: 0,
        stderr_kept: 0,
        seconds: 0.0,
        fuel_consumed: None,
        preopens: Vec::new(),
        warnings: Vec::new(),
        broken_adapter: None,
        guest,
    }
}

fn finished(blank: Run, completed: &Completed) -> Run {
    let mut run = Run {
        seconds: completed.elapsed.as_secs_f64(),
        fuel_consumed: completed.fuel_consumed,
        preopens: json::preopens(&completed.preopens),
        warnings: completed.adapter_warnings.iter().map(json::Warning::from).collect(),
        ..with_output(blank, &completed.stdout, &completed.stderr)
    };
    match &completed.outcome {
        Outcome::Exited(code) => (run.outcome, run.code) = (json::Outcome::Exited, Some(*code)),
        Outcome::Trapped { trap, error, .. } => {
            (run.outcome, run.trap) = (json::Outcome::Trapped, Some(trap.name().into()));
            run.trap_text = Some(error.to_string());
            frames(&mut run, error);
        }
        Outcome::TimedOut => run.outcome = json::Outcome::TimedOut,
        Outcome::Failed(error) => {
            run.outcome = json::Outcome::Failed;
            frames(&mut run, error);
            explain(&mut run, error);
        }
        // A new kind of ending, until this program knows its name.
        other => (run.outcome, run.error) = (json::Outcome::Failed, Some(other.to_string())),
    }
    run
}

fn with_output(run: Run, stdout: &Captured, stderr: &Captured) -> Run {
    Run {
        stdout: stdout.text().into_owned(),
        stderr: stderr.text().into_owned(),
        stdout_sha256: json::sha256(&stdout.bytes),
        stderr_sha256: json::sha256(&stderr.bytes),
        stdout_dropped: stdout.dropped(),
        stderr_dropped: stderr.dropped(),
        stdout_kept: stdout.bytes.len(),
        stderr_kept: stderr.bytes.len(),
        ..run
    }
}

/// A guest that was not instantiated, or a call without results: what the error says of how that ended, or `otherwise`.
fn stopped(blank: Run, error: &Error, config: &RunConfig, otherwise: json::Outcome) -> Run {
    let mut run = Run { outcome: otherwise, ..blank };
    match (error.exit_code(), error.trap(), error.kind()) {
        (Some(code), ..) => (run.outcome, run.code) = (json::Outcome::Exited, Some(code)),
        (_, Some(trap), _) => {
            (run.outcome, run.trap) = (json::Outcome::Trapped, Some(trap.name().into()));
            run.trap_text = Some(error.to_string());
            frames(&mut run, error);
        }
        (.., ErrorKind::TimedOut) => run.outcome = json::Outcome::TimedOut,
        _ if otherwise == json::Outcome::Refused => return refused(run, error, config),
        _ => {
            frames(&mut run, error);
            explain(&mut run, error);
        }
    }
    run
}

fn frames(run: &mut Run, error: &Error) {
    if let Some(backtrace) = error.wasm_backtrace() {
        run.backtrace = backtrace.frames().iter().map(json::Frame::from).collect();
        run.backtrace_cut = backtrace.is_cut();
    }
}

fn refused(blank: Run, error: &Error, config: &RunConfig) -> Run {
    let mut run = blank;
    explain(&mut run, error);
    if let Some(errors) = error.preopens() {
        let own = run.error_hint.take().map(|hint| hint + "\n").unwrap_or_default();
        run.error_hint = Some(own + &hints(errors.report()));
        run.preopens = json::preopens(errors.report());
    }
    if let Some(broken) = error.broken_adapter() {
        run.broken_adapter = Some(json::BrokenAdapter::from(broken));
        // They have passed the check already, or there would be another error; this one does not carry them.
        run.preopens = config.wasi.check().map_or_else(|_| Vec::new(), |report| json::preopens(&report));
        let hint = run.error_hint.get_or_insert_default();
        hint.push_str("\n--allow-broken-adapter starts the guest anyway");
    }
    run
}

fn explain(run: &mut Run, error: &Error) {
    run.error = Some(format!("{error:#}"));
    run.error_text = listed(error);
    run.error_kind = Some(Kind::Library(error.kind()));
    run.error_hint = error.hint().map(str::to_owned);
}

/// An error with a line for each problem, if it is one with several: text that cannot be passed, and preopens.
pub(crate) fn listed(error: &Error) -> Option<String> {
    let text = error.text().map(|errors| format!("{errors:#}"));
    let preopens = error.preopens().map(|errors| format!("{errors:#}"));
    let lists: Vec<String> = text.into_iter().chain(preopens).collect();
    (!lists.is_empty()).then(|| lists.join("\n"))
}

/// What to do about each kind of problem among the errors, each thing said once and on a
/// line of its own.
pub(crate) fn hints(report: &PreopenReport) -> String {
    let mut hints: Vec<String> = Vec::new();
    let errors = report.entries().iter().filter(|status| status.verdict == Verdict::Error);
    for problem in errors.flat_map(|status| &status.problems) {
        let hint = format!("{}: {}", problem.reason.name().replace('-', " "), problem.hint);
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints.join("\n")
}
