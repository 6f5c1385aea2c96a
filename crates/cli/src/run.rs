//! Owns the command `run`: one guest on one major, exiting as the guest did.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use wasmtime_compat::{AdapterWarning, AnyWasmtime};

use crate::advisories::{self, Use};
use crate::args::RunArgs;
use crate::execute::{execute, without_guest};
use crate::failure::{CRASHED, Failure, HOST_FAILED, REFUSED, TIMED_OUT, TRAPPED};
use crate::guest_file::{self, GuestFile};
use crate::isolate::{self, Limits};
use crate::json::{self, Frame, Outcome, Run, Verdict};
use crate::{pick, preopens, style};

pub(crate) fn command(args: &RunArgs, json: bool) -> Result<ExitCode, Failure> {
    let wasmtime = pick::one(&args.wasmtime)?;
    let run = run(wasmtime, args, json)?;
    if json {
        // 2 may be the guest's own code.
        json::print(&run).map_err(|failure| Failure { code: HOST_FAILED, ..failure })?;
    } else {
        report_outcome(&run, args);
    }
    Ok(exit_code(&run))
}

fn run(wasmtime: &'static dyn AnyWasmtime, args: &RunArgs, json: bool) -> Result<Run, Failure> {
    if let Some(file) = &args.coredump
        && let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
    {
        let quoted = style::in_quotes(&folder.display().to_string());
        return Err(Failure::usage(format!("no core dump can be written: {quoted} is not a directory")));
    }
    let guest = match GuestFile::read(&args.guest, args.execution.limit.guest_limit) {
        Ok(guest) => guest,
        Err(reason) => return Ok(without_guest(wasmtime, guest_file::unknown(&args.guest), reason)),
    };
    let mut config = args.execution.wasi.config(guest.name.clone(), &args.execution.args, json);
    config.core_dump = args.coredump.is_some();
    if !args.no_advisories {
        let used = Use {
            component: guest.json.kind.as_deref() == Some("component"),
            interrupted: config.fuel.is_some() || config.timeout.is_some(),
            http: false,
            pooling: false,
        };
        advisories::warning(&wasmtime.report().wasmtime, used).iter().for_each(|warning| style::warning(warning));
    }
    for warning in AdapterWarning::of_strings(&guest.wasm, &config.wasi) {
        style::warning(&style::visible(&warning.to_string()));
    }
    if !args.execution.isolation.is_on(false) {
        let limit = args.execution.compile.compile_timeout;
        return Ok(execute(wasmtime, &guest, &config, &args.work(), json, limit));
    }
    let limits = Limits {
        compile: args.execution.compile.isolated(),
        run: args.execution.wasi.timeout,
        captured: json.then_some(args.execution.wasi.capture_limit),
    };
    isolate::execute(wasmtime, &guest, &limits).map_err(|error| Failure::no_process(HOST_FAILED, &error))
}

/// Reports the outcome on standard error, unless the guest exited by itself.
fn report_outcome(run: &Run, args: &RunArgs) {
    // Leaving out what is optional is what was asked for: worth a word to a person, not to a log.
    if std::io::stderr().is_terminal() {
        for preopen in run.preopens.iter().filter(|preopen| preopen.verdict == Verdict::Dropped) {
            style::note(&format!("left out {}: {}", style::in_quotes(&preopen.host), preopen.reasons.join(", ")));
        }
    }
    preopens::warnings(&run.preopens).iter().for_each(|warning| style::warning(warning));
    let hint = run.error_hint.as_deref();
    match (run.shown_error(), run.outcome) {
        (Some(error), Outcome::Refused) => style::error(&format!("guest not started: {error}"), hint),
        (Some(error), Outcome::Crashed) => style::error(&format!("guest crashed the host: {error}"), hint),
        (Some(error), _) => style::error(&error, hint),
        (None, Outcome::Trapped) => {
            let trap = run.trap_text.as_deref().map_or_else(|| "guest trapped".to_owned(), style::visible);
            style::error(&trap, None);
        }
        (None, Outcome::TimedOut) => {
            let limit = args.execution.wasi.timeout.map_or_else(String::new, |limit| format!(" after {limit:?}"));
            style::error(&format!("guest timed out{limit}"), None);
        }
        _ => {}
    }
    frames(&run.backtrace, run.backtrace_cut, args.backtrace);
    if let (Some(burnt), Some(given)) = (run.fuel_consumed, args.execution.wasi.fuel)
        && std::io::stderr().is_terminal()
    {
        style::note(&format!("{burnt} of {given} units of fuel consumed"));
    }
}

/// Frames that are shown unless all are asked for, and characters of a frame.
const FRAMES: usize = 8;
const LONGEST: usize = 200;

/// Shows where the guest was when it was stopped; `cut` if there were more frames than are kept.
pub(crate) fn frames(backtrace: &[Frame], cut: bool, all: bool) {
    let shown = if all { backtrace.len() } else { FRAMES };
    for (index, frame) in backtrace.iter().enumerate().take(shown) {
        let short = |line: &str| if all { line.to_owned() } else { style::shortened(line, LONGEST) };
        style::detail(&format!("{index}: {}", style::visible(&short(&frame.line))));
        // The rest of what was inlined there.
        for symbol in frame.symbols.iter().skip(1).filter(|_| all) {
            let [name, file] = [&symbol.name, &symbol.file].map(|text| text.as_deref().unwrap_or("?"));
            let line = symbol.line.map_or_else(String::new, |line| format!(":{line}"));
            style::detail(&style::visible(&format!("   inlined into {name} ({file}{line})")));
        }
    }
    match (backtrace.len().checked_sub(shown), cut) {
        (Some(more @ 1..), false) => style::detail(&format!("{more} more: --backtrace shows all")),
        (Some(more @ 1..), true) => style::detail(&format!("{more} more, which --backtrace shows, and further ones")),
        (_, true) => style::detail("further frames were not kept"),
        _ => {}
    }
}

fn exit_code(run: &Run) -> ExitCode {
    ExitCode::from(match (run.outcome, run.code) {
        // Systems keep the low byte only; a failure must not become a success by that.
        (Outcome::Exited, Some(code)) => match u8::try_from(code & 0xff) {
            Ok(0) if code != 0 => 1,
            Ok(byte) => byte,
            Err(_) => 1,
        },
        (Outcome::Trapped, _) => TRAPPED,
        (Outcome::TimedOut, _) => TIMED_OUT,
        (Outcome::Refused, _) => REFUSED,
        (Outcome::Crashed, _) => CRASHED,
        (Outcome::Exited | Outcome::Returned | Outcome::Failed, _) => HOST_FAILED,
    })
}
