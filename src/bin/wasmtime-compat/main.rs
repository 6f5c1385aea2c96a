//! The command line `wasmtime-compat`: picks the command, reports failures, sets the exit code.

mod args;
mod compare;
mod demo;
mod differ;
mod dirs;
mod execute;
mod failure;
mod guest_file;
mod json;
mod pick;
mod preopens;
mod run;
mod style;
mod versions;

use std::process::ExitCode;

use clap::Parser as _;

use self::args::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::Versions => versions::command(cli.json),
        Command::Run(args) => run::command(args, cli.json),
        Command::Compare(args) => compare::command(args, cli.json),
        Command::Preopens(args) => preopens::command(args, cli.json),
    };
    result.unwrap_or_else(|failure| {
        if cli.json {
            json::print(&failure);
        }
        failure.report();
        ExitCode::from(failure.code)
    })
}
