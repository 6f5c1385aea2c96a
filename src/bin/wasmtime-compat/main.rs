//! The command line `wasmtime-compat`: picks the command, reports failures, sets the exit code.

mod args;
mod compare;
mod demo;
mod differ;
mod dirs;
mod execute;
mod failure;
mod guest_file;
mod inspect;
mod json;
mod pick;
mod preopens;
mod probe;
mod readapt;
mod run;
mod style;
mod versions;

use std::process::ExitCode;

use clap::Parser as _;
use wasmtime_compat_matrix::downstream;

use self::args::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json.on || cli.command.json();
    let result = match &cli.command {
        Command::Versions(_) => versions::command(json),
        Command::Run(args) => run::command(args, json),
        Command::Compare(args) => compare::command(args, json),
        Command::Inspect(args) => inspect::command(args, json),
        Command::Readapt(args) => readapt::command(args, json),
        Command::Preopens(args) => preopens::command(&args.dirs, json),
        Command::Probe(args) => probe::command(args, json),
        // It reports failures itself, with exit codes of its own.
        Command::Matrix(args) => return downstream::main(args),
    };
    result.unwrap_or_else(|failure| failure.report(json))
}
