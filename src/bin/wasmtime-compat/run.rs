//! Owns the command `run`: one guest on one major, exiting as the guest did.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use wasmtime_compat::AnyWasmtime;

use crate::args::RunArgs;
use crate::execute::{execute, without_guest};
use crate::failure::{Failure, HOST_FAILED, REFUSED, TIMED_OUT, TRAPPED};
use crate::guest_file::{self, GuestFile};
use crate::json::{self, Run};
use crate::{pick, style};

pub(crate) fn command(args: &RunArgs, json: bool) -> Result<ExitCode, Failure> {
    let wasmtime = pick::one(&args.wasmtime)?;
    let run = run(wasmtime, args, json);
    if json {
        // 2 may be the guest's own code.
        json::print(&run).map_err(|failure| Failure { code: HOST_FAILED, ..failure })?;
    } else {
        tell(&run, args);
    }
    Ok(exit_code(&run))
}

fn run(wasmtime: &dyn AnyWasmtime, args: &RunArgs, json: bool) -> Run {
    match GuestFile::read(&args.guest) {
        Ok(guest) => execute(wasmtime, &guest, &args.wasi.config(guest.name.clone(), &args.args, json), json),
        Err(reason) => without_guest(wasmtime, guest_file::unknown(&args.guest), &reason),
    }
}

/// Says on standard error how the guest ended, unless it ended itself: then it has said what it wanted.
fn tell(run: &Run, args: &RunArgs) {
    // Leaving out what is optional is what was asked for: worth a word to a person, not to a log.
    if std::io::stderr().is_terminal() {
        for preopen in run.preopens.iter().filter(|preopen| preopen.verdict == "dropped") {
            style::note(&format!("left out {:?}: {}", preopen.host, preopen.reasons.join(", ")));
        }
    }
    let hint = run.error_hint.as_deref();
    match (&run.error, run.outcome) {
        (Some(error), "refused") => style::error(&format!("guest not started: {error}"), hint),
        (Some(error), _) => style::error(error, hint),
        (None, "trapped") => {
            let trap = run.trap.unwrap_or("unknown").replace('-', " ");
            style::error(&format!("guest trapped: {trap}"), None);
        }
        (None, "timed-out") => {
            let limit = args.wasi.timeout.map_or_else(String::new, |limit| format!(" after {limit:?}"));
            style::error(&format!("guest timed out{limit}"), None);
        }
        _ => {}
    }
}

fn exit_code(run: &Run) -> ExitCode {
    ExitCode::from(match (run.outcome, run.code) {
        // Systems keep the low byte only; a failure must not become a success by that.
        ("exited", Some(code)) => match u8::try_from(code & 0xff) {
            Ok(0) if code != 0 => 1,
            Ok(byte) => byte,
            Err(_) => 1,
        },
        ("trapped", _) => TRAPPED,
        ("timed-out", _) => TIMED_OUT,
        ("refused", _) => REFUSED,
        _ => HOST_FAILED,
    })
}
