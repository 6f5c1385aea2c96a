//! Owns one run of one guest on one major, from compiling to what became of it.

use std::panic;

use wasmtime_compat::wasi::{PreopenReport, Verdict};
use wasmtime_compat::{AnyWasmtime, Completed, Error, Outcome, Result, RunConfig};

use crate::guest_file::{GuestFile, NoGuest};
use crate::json::{self, Run, SCHEMA};
use crate::style::{Spinner, visible};

/// Compiles and runs a guest. Whatever happens, it can be told.
pub(crate) fn execute(wasmtime: &dyn AnyWasmtime, guest: &GuestFile, config: &RunConfig, captured: bool) -> Run {
    let blank = blank(wasmtime, guest.json.clone());
    match attempt(wasmtime, guest, config, captured) {
        Ok(completed) => finished(blank, &completed),
        Err(error) => refused(blank, &error, config),
    }
}

/// A run that never came to anything, because there is no guest to run.
pub(crate) fn without_guest(wasmtime: &dyn AnyWasmtime, guest: json::Guest, reason: &NoGuest) -> Run {
    Run {
        error: Some(reason.message.clone()),
        error_kind: Some(reason.kind.to_owned()),
        error_hint: reason.hint.map(str::to_owned),
        ..blank(wasmtime, guest)
    }
}

fn attempt(wasmtime: &dyn AnyWasmtime, guest: &GuestFile, config: &RunConfig, captured: bool) -> Result<Completed> {
    let (name, major) = (visible(&guest.name), wasmtime.major());
    let spinner = Spinner::new(format!("compiling {name} for Wasmtime {major}"));
    let command = wasmtime.compile(&guest.wasm, config)?;
    if captured {
        spinner.say(format!("running {name} on Wasmtime {major}"));
        return quietly(|| command.run(config));
    }
    // The terminal is the guest's now.
    drop(spinner);
    quietly(|| command.run(config))
}

/// Runs a guest without panic messages on standard error: a panic inside Wasmtime's WASI comes back as an outcome.
/// Who sets `RUST_BACKTRACE` wants to see where it came from.
pub(crate) fn quietly<R>(run: impl FnOnce() -> R) -> R {
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
        return run();
    }
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = run();
    panic::set_hook(hook);
    result
}

fn blank(wasmtime: &dyn AnyWasmtime, guest: json::Guest) -> Run {
    let nothing = json::sha256(&[]);
    Run {
        schema: SCHEMA,
        major: wasmtime.major(),
        wasmtime: wasmtime.report().wasmtime.to_string(),
        outcome: "refused",
        code: None,
        trap: None,
        error: None,
        error_kind: None,
        error_hint: None,
        stdout: String::new(),
        stderr: String::new(),
        stdout_sha256: nothing.clone(),
        stderr_sha256: nothing,
        stdout_dropped: 0,
        stderr_dropped: 0,
        stdout_kept: 0,
        stderr_kept: 0,
        seconds: 0.0,
        preopens: Vec::new(),
        warnings: Vec::new(),
        broken_adapter: None,
        guest,
    }
}

fn finished(blank: Run, completed: &Completed) -> Run {
    let mut run = Run {
        stdout: completed.stdout.text().into_owned(),
        stderr: completed.stderr.text().into_owned(),
        stdout_sha256: json::sha256(&completed.stdout.bytes),
        stderr_sha256: json::sha256(&completed.stderr.bytes),
        stdout_dropped: completed.stdout.dropped(),
        stderr_dropped: completed.stderr.dropped(),
        stdout_kept: completed.stdout.bytes.len(),
        stderr_kept: completed.stderr.bytes.len(),
        seconds: completed.elapsed.as_secs_f64(),
        preopens: json::preopens(&completed.preopens),
        warnings: completed.adapter_warnings.iter().map(json::Warning::from).collect(),
        ..blank
    };
    match &completed.outcome {
        Outcome::Exited(code) => (run.outcome, run.code) = ("exited", Some(*code)),
        Outcome::Trapped(trap) => (run.outcome, run.trap) = ("trapped", Some(trap.name())),
        Outcome::TimedOut => run.outcome = "timed-out",
        Outcome::Failed(error) => {
            run.outcome = "failed";
            explain(&mut run, error);
        }
        // A new kind of ending, until this program knows its name.
        other => (run.outcome, run.error) = ("failed", Some(other.to_string())),
    }
    run
}

fn refused(blank: Run, error: &Error, config: &RunConfig) -> Run {
    let mut run = blank;
    explain(&mut run, error);
    if let Some(errors) = error.preopens() {
        run.error_hint = Some(hints(errors.report()));
        run.preopens = json::preopens(errors.report());
    }
    if let Some(broken) = error.broken_adapter() {
        run.broken_adapter = Some(json::Broken::from(broken));
        // They have passed the check already, or there would be another error; this one does not carry them.
        run.preopens = config.wasi.check().map_or_else(|_| Vec::new(), |report| json::preopens(&report));
        let hint = run.error_hint.get_or_insert_default();
        hint.push_str("\n--allow-broken-adapter starts the guest all the same");
    }
    run
}

fn explain(run: &mut Run, error: &Error) {
    run.error = Some(error.message().to_owned());
    run.error_kind = Some(json::kind_name(error.kind()));
    run.error_hint = error.hint().map(str::to_owned);
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
