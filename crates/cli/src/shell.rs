//! Owns what shells and `man` know of the command line: completions and manual pages, made from the flags.

use std::path::Path;
use std::process::ExitCode;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use crate::args::Cli;
use crate::failure::Failure;
use crate::style::{self, visible};

const NAME: &str = "wasmtime-compat";

/// Prints the completions for a shell.
pub(crate) fn completions(shell: Shell) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut shown(), NAME, &mut script);
    style::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a manual page for the program, and one for each command.
pub(crate) fn manual(folder: &Path) -> Result<ExitCode, Failure> {
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    written.map_err(|error| {
        Failure::usage(format!("cannot write manual pages into {}: {error}", visible(&folder.display().to_string())))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The command line without the commands that `--help` does not list, which completions would.
fn shown() -> Command {
    let all = Cli::command();
    let commands = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    Command::new(NAME).bin_name(NAME).args(all.get_arguments().cloned()).subcommands(commands)
}
