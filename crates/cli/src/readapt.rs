//! Owns the command `readapt`: a guest with another adapter, as a new file.

use std::path::Path;
use std::process::ExitCode;

use semver::Version;
use serde::Serialize;
use wasmtime_compat::readapt::{Readapted, Refusal, Replacement, readapt, readapt_assuming};
use wasmtime_compat::report::AdapterReport;
use wasmtime_compat::{GuestError, GuestErrorKind as ErrorKind};

use crate::args::ReadaptArgs;
use crate::failure::{Failure, NOT_READAPTED, USAGE};
use crate::files;
use crate::guest_file::GuestFile;
use crate::inspect::Adapter;
use crate::json::{self, SCHEMA};
use crate::style::{self, Tone};

#[derive(Serialize)]
struct Repair {
    schema: u32,
    path: String,
    output: String,
    before: Adapter,
    /// What the user assumed of the adapter that was not recognised.
    assumed: Option<String>,
    /// What the user assumed of an adapter that was recognised as something else.
    contradicted: Option<String>,
    after: Adapter,
    wasi_before: Vec<String>,
    wasi_after: Vec<String>,
}

/// Why there is no repaired guest.
#[derive(Serialize)]
struct Refused<'a> {
    schema: u32,
    error: &'a str,
    hint: Option<&'a str>,
    refusal: Option<&'static str>,
}

pub(crate) fn command(args: &ReadaptArgs, json: bool) -> Result<ExitCode, Failure> {
    let replacement = match &args.adapter {
        None => Ok(Replacement::embedded()),
        Some(text) => chosen(text)?,
    };
    let file = GuestFile::read(&args.guest, args.limit.guest_limit)?;
    let done = match replacement.and_then(|replacement| match &args.assume_adapter {
        None => readapt(&file.wasm, &replacement),
        Some(assumption) => readapt_assuming(&file.wasm, &replacement, assumption),
    }) {
        Ok(done) => done,
        Err(error) => return refused(&error, json),
    };
    write(&args.output, &done.wasm)?;
    let output = args.output.display().to_string();
    if json {
        json::print(&Repair::new(&done, file.json.path, output))?;
    } else {
        style::print(&show(&done, &output))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The adapter asked for: a version, or a file.
fn chosen(text: &str) -> Result<Result<Replacement, GuestError>, Failure> {
    if let Ok(version) = Version::parse(text) {
        return Ok(Replacement::of_version(&version));
    }
    let quoted = style::in_quotes(text);
    let wasm = files::read(Path::new(text), ADAPTER_LIMIT)
        .map_err(|error| Failure::usage(format!("cannot read the adapter {quoted}: {error}")).with_hint(ADAPTER))?;
    match Replacement::from_wasm(wasm) {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidGuest | ErrorKind::TooComplex) => {
            Err(Failure::usage(format!("cannot use the adapter {quoted}: {}", style::visible(error.message()))))
        }
        result => Ok(result),
    }
}

/// The most bytes of an adapter; published ones have about a hundred thousand.
const ADAPTER_LIMIT: u64 = 64 << 20;
const ADAPTER: &str = "--adapter takes the version of the embedded adapter, or the path of an adapter";

/// Reports the refusal. An input that cannot be read or selected is an error of the command line, others of the guest.
fn refused(error: &GuestError, json: bool) -> Result<ExitCode, Failure> {
    let refusal = error.refusal();
    style::error(&style::visible(error.message()), error.hint());
    if json {
        json::print(&Refused {
            schema: SCHEMA,
            error: error.message(),
            hint: error.hint(),
            refusal: refusal.map(Refusal::name),
        })?;
    }
    let of_command_line = matches!(error.kind(), ErrorKind::InvalidGuest | ErrorKind::TooComplex)
        || matches!(refusal, Some(Refusal::NotEmbedded { .. }));
    Ok(ExitCode::from(if of_command_line { USAGE } else { NOT_READAPTED }))
}

fn write(path: &Path, wasm: &[u8]) -> Result<(), Failure> {
    files::write(path, wasm).map_err(|error| {
        Failure::usage(format!("cannot write {}: {error}", style::in_quotes(&path.display().to_string())))
    })
}

fn show(done: &Readapted, output: &str) -> String {
    let adapter = |report: &AdapterReport| format!("{} {}", report.flavour.name(), report.identity);
    let (before, after) = (adapter(&done.before), adapter(&done.after));
    let mut text = format!("{} adapter {before} replaced by {after}\n", style::paint(Tone::Good, "done:"));
    if let Some(assumed) = &done.assumed {
        let label = style::paint(Tone::Warning, "assumed:");
        text += &format!("{label} the adapter was not recognised; the user assumed {assumed}\n");
    }
    if let Some(assumed) = &done.contradicted {
        let label = style::paint(Tone::Warning, "ignored:");
        text += &format!("{label} the assumption {assumed} contradicts the recognised adapter\n");
    }
    for issue in done.before.affected() {
        let gone = !done.after.affected().any(|still| still.id == issue.id);
        let label = if gone { style::paint(Tone::Good, "fixed:") } else { style::paint(Tone::Bad, "remains:") };
        text += &format!("{label} {}: {}\n", issue.id, issue.what);
    }
    if done.wasi_before != done.wasi_after {
        let list = |versions: &[Version]| versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        text += &format!("imports WASI {} instead of {}\n", list(&done.wasi_after), list(&done.wasi_before));
    }
    text + &format!("{}\n", style::visible(output))
}

impl Repair {
    fn new(done: &Readapted, path: String, output: String) -> Self {
        let list = |versions: &[Version]| versions.iter().map(ToString::to_string).collect();
        Self {
            schema: SCHEMA,
            path,
            output,
            before: Adapter::from(&done.before),
            assumed: done.assumed.as_ref().map(ToString::to_string),
            contradicted: done.contradicted.as_ref().map(ToString::to_string),
            after: Adapter::from(&done.after),
            wasi_before: list(&done.wasi_before),
            wasi_after: list(&done.wasi_after),
        }
    }
}
