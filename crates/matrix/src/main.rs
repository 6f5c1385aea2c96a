//! The program `wasmtime-compat-matrix`: the matrix of the crate in the current folder.

use std::env;
use std::ffi::OsString;
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

/// Runs the conformance suite against each pinned Wasmtime, and reports the grid.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask matrix")]
struct ProjectCli {
    #[command(flatten)]
    matrix: MatrixArgs,
}

fn main() -> ExitCode {
    let mut args: Vec<OsString> = env::args_os().collect();
    let Some(file) = take_project(&mut args) else {
        return wasmtime_compat_matrix::main(&Cli::parse().flags);
    };
    engine::main(&ProjectCli::parse_from(args).matrix, || Project::read(&file))
}

/// Takes `--project FILE`, which `cargo xtask matrix` puts first, out of `args`. The file has the project's columns.
///
/// It is no option of clap's: options of the matrix and its subcommands exclude each other, and this one goes with both.
fn take_project(args: &mut Vec<OsString>) -> Option<PathBuf> {
    let given = args.len() > 2 && args[1] == "--project";
    given.then(|| args.drain(1..3).next_back().map(PathBuf::from)).flatten()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn both_command_lines_are_well_formed() {
        Cli::command().debug_assert();
        ProjectCli::command().debug_assert();
    }

    #[test]
    fn the_file_of_a_project_goes_with_options_and_subcommands() {
        for rest in [&["--majors", "48"][..], &["list"], &[]] {
            let mut args: Vec<OsString> = ["matrix", "--project", "columns.json"].map(Into::into).into();
            args.extend(rest.iter().map(Into::into));
            assert_eq!(take_project(&mut args), Some(PathBuf::from("columns.json")));
            assert_eq!(args[1..], rest.iter().map(OsString::from).collect::<Vec<_>>());
            ProjectCli::try_parse_from(args).unwrap();
        }
        let mut none = vec!["matrix".into(), "--project".into()];
        assert_eq!(take_project(&mut none), None);
        assert_eq!(none.len(), 2);
    }
}
