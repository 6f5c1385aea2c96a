//! The program `wasmtime-compat-matrix`: the matrix of the crate in the current folder.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use wasmtime_compat_matrix::Flags;
use wasmtime_compat_matrix::engine::{self, MatrixArgs, Project};

/// Runs the tests of a crate once per Wasmtime major that it has a feature for, and reports the grid.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
}

/// The same for a project whose columns are in a file.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask matrix")]
struct ProjectCli {
    /// The file with the columns
    #[arg(long, value_name = "FILE", hide = true, global = true)]
    project: PathBuf,
    #[command(flatten)]
    matrix: MatrixArgs,
}

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|first| first == "--project") {
        let cli = ProjectCli::parse();
        return engine::main(&cli.matrix, || Project::read(&cli.project));
    }
    wasmtime_compat_matrix::main(&Cli::parse().flags)
}
