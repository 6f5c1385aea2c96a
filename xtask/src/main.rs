//! The chores of this repository. `cargo xtask --help` lists them; each command is a file of its own.

mod advisories;
mod api;
mod checks;
mod codegen;
mod drift;
mod edit;
mod fuzz;
mod guest_tools;
mod hostile;
mod lowest;
mod matrix;
mod new_major;
mod pins;
mod platform;
mod ports;
mod real;
mod steps;
mod stress;
mod suite;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::{digest, lock, process, registry, root, switches, toolchain, versions};

use crate::versions::Versions;

/// The chores of wasmtime-compat.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// One chore each.
#[derive(Debug, Subcommand)]
enum Command {
    /// Writes the tables of published adapters anew from the registry, and says what is new
    #[command(disable_help_flag = true)]
    Adapters(guest_tools::Flags),
    /// Takes a newer database of security advisories in, or says how old the table is
    Advisories(advisories::Flags),
    /// Writes the table of the public API of every major anew from the published packages
    Api(api::Flags),
    /// Writes what is generated from versions.toml; prints the paths it changed
    Codegen(codegen::Flags),
    /// Inspects real components: one that is published, and ones made by componentize-py and componentize-js
    #[command(disable_help_flag = true)]
    Components(guest_tools::Flags),
    /// Removes from the fuzz corpus what shows nothing that the rest does not
    #[command(disable_help_flag = true)]
    Corpus(guest_tools::Flags),
    /// Runs random sequences of WASI calls on several majors and checks that all do the same
    Fuzz(fuzz::Flags),
    /// Runs every hostile guest of the suite on the chosen majors, with the time and the memory that each takes
    Hostile(hostile::Flags),
    /// Writes the table of WASI 0.2's interfaces anew from the newest adapter
    #[command(disable_help_flag = true)]
    Interfaces(guest_tools::Flags),
    /// Runs the suite on the oldest accepted patch of each LTS release, in a copy of the workspace
    Lowest(lowest::Flags),
    /// Runs the suite once per major, each built alone, and prints the matrix
    #[command(disable_help_flag = true)]
    Matrix(matrix::Flags),
    /// Adds a new Wasmtime major, builds the suite with it, and says which axes have drifted
    NewMajor(new_major::Flags),
    /// Checks that Cargo.lock holds the pins of versions.toml, and asks the registry for newer releases
    Pins(pins::Flags),
    /// Runs the suite and the command line on another system, cross-compiled and under an emulator
    Platform(platform::Flags),
    /// Runs the ports in examples/ports on the chosen majors and compares what they write
    Ports(ports::Flags),
    /// Runs a real guest (yosys) on every major and compares what it writes
    Real(real::Flags),
    /// Tests the steps in which features turn a major on: its core with a compiler, without one, and beside whole majors
    Steps(steps::Flags),
    /// Runs all chosen majors in one process on many threads, and checks every result
    Stress(stress::Flags),
    /// Runs all tests: tidy, the suite on the chosen majors, doc tests, the crate without a major
    Test(test::Flags),
    /// Checks the rules of this repository that no compiler checks
    Tidy,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let root = root()?;
    let versions = Versions::load(root)?;
    match command {
        // The engine has exit codes of its own.
        Command::Matrix(flags) => return matrix::run(root, &versions, &flags),
        Command::Platform(flags) => return platform::run(root, &versions, &flags),
        Command::Adapters(flags) => guest_tools::run(root, "adapters", &flags),
        Command::Advisories(flags) => advisories::run(root, &versions, &flags),
        Command::Api(flags) => api::run(root, &versions, &flags),
        Command::Codegen(flags) => codegen::run(root, &versions, &flags),
        Command::Components(flags) => guest_tools::run(root, "components", &flags),
        Command::Corpus(flags) => guest_tools::run(root, "corpus", &flags),
        Command::Fuzz(flags) => fuzz::run(root, &versions, &flags),
        Command::Hostile(flags) => hostile::run(root, &versions, &flags),
        Command::Interfaces(flags) => guest_tools::run(root, "interfaces", &flags),
        Command::Lowest(flags) => lowest::run(root, &versions, &flags),
        Command::NewMajor(flags) => new_major::run(root, &versions, &flags),
        Command::Pins(flags) => pins::run(root, &versions, &flags),
        Command::Ports(flags) => ports::run(root, &versions, &flags),
        Command::Real(flags) => real::run(root, &versions, &flags),
        Command::Steps(flags) => steps::run(root, &versions, &flags),
        Command::Stress(flags) => stress::run(root, &versions, &flags),
        Command::Test(flags) => test::run(root, &versions, &flags),
        Command::Tidy => tidy::run(root, &versions),
    }?;
    Ok(ExitCode::SUCCESS)
}
