//! The command line `wasmtime-compat`: picks the command, reports failures, sets the exit code.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        reason = "input must not end the host"
    )
)]

mod advisories;
mod args;
mod call;
mod compare;
mod demo;
mod differ;
mod dirs;
mod execute;
mod failure;
mod files;
mod guest_file;
mod help;
mod inspect;
mod isolate;
mod json;
mod limits;
mod pick;
mod preopens;
mod probe;
mod readapt;
mod run;
mod serve;
mod shell;
mod style;
mod upgrade;
mod versions;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};

use self::args::{Cli, Command};
use self::failure::Failure;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_parsed(harmless(error)),
    };
    let json = cli.json.on || cli.command.json();
    let result = match &cli.command {
        Command::Versions(args) => versions::command(args, json),
        Command::Run(args) => run::command(args, json),
        Command::Serve(args) => serve::command(args, json),
        Command::Call(args) => call::command(args, json),
        Command::Compare(args) => compare::command(args, json),
        Command::Upgrade(args) => upgrade::command(args, json),
        Command::Inspect(args) => inspect::command(args, json),
        Command::Readapt(args) => readapt::command(args, json),
        Command::Preopens(args) => preopens::command(&args.dirs, json),
        Command::Probe(args) => probe::command(args, json),
        Command::Matrix(_) if cli.json.on => Err(matrix_json()),
        // It reports failures itself, with exit codes of its own.
        Command::Matrix(args) => return wasmtime_compat_matrix::main(args),
        Command::Completions { shell } => shell::completions(*shell),
        Command::Man { folder } => shell::manual(folder),
        // The process that waits reports what this one does.
        Command::Isolated(args) => return isolate::command(args),
    };
    result.unwrap_or_else(|failure| failure.report(json))
}

/// Help and the version, or what is wrong with the command line: in clap's words, and as JSON if that was asked for.
fn not_parsed(error: clap::Error) -> ExitCode {
    let printed = error.print();
    if !error.use_stderr() {
        return style::written(printed).map_or_else(|failure| failure.report(false), |()| ExitCode::SUCCESS);
    }
    let failure = Failure::parsing(&error.to_string());
    if wants_json() {
        // What is wrong has been told on standard error.
        let _ = json::print(&failure);
    }
    ExitCode::from(failure.code)
}

/// The error with the arguments that it quotes on one line, and nothing in them that is_misleading.
fn harmless(mut error: clap::Error) -> clap::Error {
    let plain = |text: &StyledStr| StyledStr::from(style::visible(&text.to_string()));
    let quoted: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| {
            let value = match value {
                ContextValue::String(text) => ContextValue::String(style::visible(text)),
                ContextValue::Strings(texts) => {
                    ContextValue::Strings(texts.iter().map(|text| style::visible(text)).collect())
                }
                // Other styled text is of clap and of this program. These lose their style, if they have something else
                // that does not show.
                ContextValue::StyledStrs(texts)
                    if texts.iter().any(|text| text.to_string().contains(style::is_misleading)) =>
                {
                    ContextValue::StyledStrs(texts.iter().map(plain).collect())
                }
                _ => return None,
            };
            Some((kind, value))
        })
        .collect();
    for (kind, value) in quoted {
        error.insert(kind, value);
    }
    error
}

/// Whether JSON is asked for by a command line that makes no sense. The matrix has a flag of that name too, with
/// another meaning.
fn wants_json() -> bool {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).take_while(|argument| argument != "--").collect();
    let command = arguments.iter().find(|argument| !argument.as_encoded_bytes().starts_with(b"-"));
    command.is_none_or(|command| command != "matrix") && arguments.iter().any(|argument| argument == "--json")
}

fn matrix_json() -> Failure {
    Failure::usage("--json before `matrix` has no effect: it prints no object")
        .with_hint("`wasmtime-compat matrix --json FILE` writes its report as JSON to a file")
}
