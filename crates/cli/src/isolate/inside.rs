//! Owns the other process: the hidden command that reads a guest, runs it in this process, and reports.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use clap::{Args, Parser as _};
use wasmtime_compat::by_major;

use super::descriptors;
use super::messages::{Report, Request, send, send_run};
use crate::args::{self, Cli};
use crate::execute::{Work, execute_silently};
use crate::guest_file::GuestFile;
use crate::style::visible;

/// The hidden command that is the other process.
pub(crate) const COMMAND: &str = "isolated-run";

/// What the other process is given.
#[derive(Args, Debug)]
pub(crate) struct IsolatedArgs {
    /// The major to run on
    major: u64,
    /// The descriptors of the request and of the reports, if they are not standard input and output
    #[arg(long, num_args = 2)]
    descriptors: Option<Vec<u32>>,
    /// The command line of the process that waits
    #[arg(last = true)]
    command: Vec<OsString>,
}

/// The other process: reads a guest, runs it here, and reports.
pub(crate) fn command(args: &IsolatedArgs) -> ExitCode {
    match serve(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error is what the waiting process shows of this one.
            let _ = writeln!(io::stderr(), "{}", visible(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

fn serve(args: &IsolatedArgs) -> io::Result<()> {
    let wasmtime = by_major(args.major).ok_or_else(|| io::Error::other("no such major"))?;
    let line = std::iter::once(OsString::from("wasmtime-compat")).chain(args.command.iter().cloned());
    let cli = Cli::try_parse_from(line).map_err(io::Error::other)?;
    // Only these start processes, and here none does.
    let (execution, captured, work) = match &cli.command {
        args::Command::Run(run) => (&run.execution, cli.json.on || run.execution.json.on, run.work()),
        args::Command::Compare(compare) => (&compare.execution, true, compare.work()),
        args::Command::Upgrade(upgrade) => (&upgrade.execution, true, Work::COMMAND),
        _ => return Err(io::Error::other("not a command that runs a guest")),
    };
    let (request, mut reports): (Box<dyn Read + Send>, Box<dyn Write>) = match args.descriptors.as_deref() {
        Some([request, reports]) => {
            (Box::new(descriptors::open_to_read(*request)?), Box::new(descriptors::open_to_write(*reports)?))
        }
        Some(_) => return Err(io::Error::other("two descriptors are expected")),
        None => (Box::new(io::stdin()), Box::new(io::stdout())),
    };
    let guest = receive_guest(request)?;
    let arguments = if matches!(work, Work::Command { .. }) { execution.args.as_slice() } else { &[] };
    let mut config = execution.wasi.config(guest.name.clone(), arguments, captured);
    config.core_dump = matches!(&work, Work::Command { core_dump: Some(_) });
    let mut sent = Ok(());
    let compiled = || sent = send(&mut *reports, &Report::Compiled).and_then(|()| reports.flush());
    let run = execute_silently(wasmtime, &guest, &config, &work, compiled);
    sent?;
    send_run(&mut *reports, run)
}

/// Reads the guest. From then on the end of the pipe is the end of the process that waits, and so of this one.
fn receive_guest(pipe: Box<dyn Read + Send>) -> io::Result<GuestFile> {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    pipe.read_until(b'\n', &mut line)?;
    let Request { name, guest, length } = serde_json::from_slice(&line)?;
    let mut wasm = Vec::new();
    wasm.try_reserve_exact(usize::try_from(length).map_err(io::Error::other)?).map_err(io::Error::other)?;
    if u64::try_from((&mut pipe).take(length).read_to_end(&mut wasm)?).ok() != Some(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    thread::Builder::new().name("lifeline".to_owned()).spawn(move || {
        let _ = io::copy(&mut pipe, &mut io::sink());
        std::process::exit(1);
    })?;
    Ok(GuestFile { wasm: Arc::new(wasm), name, json: guest })
}
