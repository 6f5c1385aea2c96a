//! Owns calls of one exported function of a guest, with arguments and results as text, and the command `call`.

use std::process::ExitCode;

use serde::Serialize;
use wasmtime_compat::component::{Val, types::ComponentFunc};
use wasmtime_compat::{AnyInstance, AnyWasmtime, Error, ErrorKind, RunConfig};

use crate::args::CallArgs;
use crate::failure::{Failure, HOST_FAILED, REFUSED, TIMED_OUT, TRAPPED, USAGE};
use crate::guest_file::GuestFile;
use crate::json::{self, SCHEMA};
use crate::{pick, style};

/// A call of an exported function.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The function: its name, or `interface#function`.
    pub(crate) export: String,
    /// The arguments in WAVE.
    pub(crate) args: Vec<String>,
}

/// The reason why a call has no results.
#[derive(Debug)]
pub(crate) enum NoResults {
    /// The function was not called: there is no such function, or the arguments do not fit.
    NotCalled { kind: ErrorKind, message: String, hint: Option<String> },
    /// The call failed, or its results have no text form.
    Failed(Error),
}

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
    let call = Call { export: args.export.clone(), args: args.args.clone() };
    let mut instance = instantiate(wasmtime, &guest.wasm, &config).map_err(|error| failed(&error, REFUSED))?;
    let results = call.invoke(&mut *instance)?;
    if json {
        json::print(&Called { schema: SCHEMA, major: wasmtime.major(), export: &args.export, results })?;
    } else {
        let lines: String = results.iter().map(|result| style::visible(result) + "\n").collect();
        style::print(&lines)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Compiles and instantiates a guest on an engine of its own.
///
/// # Errors
/// As the library reports them.
pub(crate) fn instantiate(
    wasmtime: &dyn AnyWasmtime,
    wasm: &[u8],
    config: &RunConfig,
) -> Result<Box<dyn AnyInstance>, Error> {
    wasmtime.engine(&config.engine_config())?.instantiate(wasm, config)
}

impl Call {
    /// Calls the function, and returns its results in WAVE.
    pub(crate) fn invoke(&self, instance: &mut dyn AnyInstance) -> Result<Vec<String>, NoResults> {
        let ty = instance.func_type(&self.export).map_err(NoResults::not_called)?;
        let params = self.parameters(&ty)?;
        let results = instance.call(&self.export, &params).map_err(NoResults::Failed)?;
        results.iter().map(Val::to_wave).collect::<Result<_, _>>().map_err(NoResults::Failed)
    }

    /// The arguments as values of the function's types.
    fn parameters(&self, ty: &ComponentFunc) -> Result<Vec<Val>, NoResults> {
        let params = ty.params();
        if params.len() != self.args.len() {
            let message = format!("wrong number of arguments: expected {}, found {}", params.len(), self.args.len());
            return Err(NoResults::NotCalled { kind: ErrorKind::InvalidArgument, message, hint: None });
        }
        let read = |(index, ((_, ty), text)): (usize, ((&str, _), &String))| {
            Val::from_wave(&ty, text).map_err(|error| NoResults::NotCalled {
                kind: error.kind(),
                message: format!("argument {}: {error}", index + 1),
                hint: Some("arguments are in WAVE: 42, true, '\"text\"', '[1, 2]', '{field: 1}', 'some(1)'".to_owned()),
            })
        };
        params.zip(&self.args).enumerate().map(read).collect()
    }
}

impl NoResults {
    fn not_called(error: Error) -> Self {
        Self::NotCalled { kind: error.kind(), message: format!("{error:#}"), hint: error.hint().map(str::to_owned) }
    }
}

impl From<NoResults> for Failure {
    fn from(reason: NoResults) -> Self {
        match reason {
            NoResults::NotCalled { message, hint, .. } => Self { quotes: true, hint, ..Self::new(USAGE, message) },
            NoResults::Failed(error) => failed(&error, HOST_FAILED),
        }
    }
}

/// A failure of the library, with the exit code that its kind has, or `otherwise`.
fn failed(error: &Error, otherwise: u8) -> Failure {
    let code = match error.kind() {
        ErrorKind::Trap => TRAPPED,
        ErrorKind::TimedOut => TIMED_OUT,
        ErrorKind::Exit => error.exit_code().and_then(|code| u8::try_from(code).ok()).unwrap_or(HOST_FAILED),
        _ => otherwise,
    };
    let mut failure = Failure { code, ..Failure::library(error) };
    failure.trap = error.trap().map(|trap| trap.name().to_owned());
    if let Some(backtrace) = error.wasm_backtrace() {
        failure.backtrace = backtrace.frames().iter().map(json::Frame::from).collect();
        failure.backtrace_cut = backtrace.is_cut();
    }
    match error.hint() {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}
