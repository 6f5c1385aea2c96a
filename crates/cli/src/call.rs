//! Owns the command `call`: one exported function of a guest, with arguments and results as text.

use std::process::ExitCode;

use serde::Serialize;
use wasmtime_compat::component::{Val, types::ComponentFunc};
use wasmtime_compat::{AnyWasmtime, Error, ErrorKind, RunConfig};

use crate::args::CallArgs;
use crate::failure::{Failure, HOST_FAILED, REFUSED, TIMED_OUT, TRAPPED, USAGE};
use crate::guest_file::GuestFile;
use crate::json::{self, SCHEMA};
use crate::{pick, style};

#[derive(Serialize)]
struct Called<'a> {
    schema: u32,
    major: u64,
    export: &'a str,
    /// The results as text, in WAVE.
    results: Vec<String>,
}

pub(crate) fn command(args: &CallArgs, json: bool) -> Result<ExitCode, Failure> {
    let wasmtime = pick::one(&args.wasmtime)?;
    let guest = GuestFile::read(&args.guest, args.limit.guest_limit)?;
    let config = args.wasi.config(guest.name.clone(), &[], json);
    let results = call(wasmtime, &guest, &config, args)?;
    if json {
        json::print(&Called { schema: SCHEMA, major: wasmtime.major(), export: &args.export, results })?;
    } else {
        let lines: String = results.iter().map(|result| style::visible(result) + "\n").collect();
        style::print(&lines)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn call(
    wasmtime: &dyn AnyWasmtime,
    guest: &GuestFile,
    config: &RunConfig,
    args: &CallArgs,
) -> Result<Vec<String>, Failure> {
    let engine = wasmtime.engine(&config.engine_config()).map_err(|error| failed(&error, REFUSED))?;
    let mut instance = engine.instantiate(&guest.wasm, config).map_err(|error| failed(&error, REFUSED))?;
    let ty = instance.func_type(&args.export).map_err(|error| failed(&error, USAGE))?;
    let params = parameters(&ty, &args.args)?;
    let results = instance.call(&args.export, &params).map_err(|error| failed(&error, HOST_FAILED))?;
    results.iter().map(Val::to_wave).collect::<Result<_, _>>().map_err(|error| failed(&error, HOST_FAILED))
}

/// The arguments as values of the function's types.
fn parameters(ty: &ComponentFunc, args: &[String]) -> Result<Vec<Val>, Failure> {
    let params = ty.params();
    if params.len() != args.len() {
        let message = format!("wrong number of arguments: expected {}, found {}", params.len(), args.len());
        return Err(Failure::usage(message));
    }
    let read = |(index, ((_, ty), text)): (usize, ((&str, _), &String))| {
        Val::from_wave(&ty, text).map_err(|error| {
            Failure { quotes: true, ..Failure::usage(format!("argument {}: {error}", index + 1)) }
                .with_hint("arguments are in WAVE: 42, true, '\"text\"', '[1, 2]', '{field: 1}', 'some(1)'")
        })
    };
    params.zip(args).enumerate().map(read).collect()
}

/// A failure of the library, with the exit code that its kind has, or `otherwise`.
fn failed(error: &Error, otherwise: u8) -> Failure {
    let code = match error.kind() {
        ErrorKind::Trap => TRAPPED,
        ErrorKind::TimedOut => TIMED_OUT,
        ErrorKind::Exit => error.exit_code().and_then(|code| u8::try_from(code).ok()).unwrap_or(HOST_FAILED),
        _ => otherwise,
    };
    let failure = Failure { code, ..Failure::library(error) };
    match error.hint() {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}
