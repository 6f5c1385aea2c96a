//! `cargo xtask stress`: owns the build that has all chosen majors in one binary, and how it is run: the library on many threads, or
//! with `--http` a server with many connections.

use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;

use crate::toolchain::{Chosen, Toolchain};
use crate::versions::{Major, Versions};
use crate::{process, test};

/// Flags of `cargo xtask stress`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Majors to link into one binary: numbers, ranges (24..=36), groups (lts), all; separated by commas
    #[arg(long, value_name = "LIST", default_value = "border")]
    majors: String,
    /// How many threads
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
    threads: u32,
    /// For how long, after everything is compiled
    #[arg(long, value_name = "S", default_value_t = 60)]
    seconds: u32,
    /// Stress `wasmtime-compat serve` instead, on one major after the other
    #[arg(long, conflicts_with_all = ["threads", "seconds"])]
    http: bool,
    /// How many requests for each major
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "http")]
    requests: u32,
    /// How many connections at a time
    #[arg(long, value_name = "N", default_value_t = 64, requires = "http", value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
}

/// Builds the binary and runs it; fails if one result was not as it must be.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let chosen = Chosen::new(versions, &flags.majors)?.announce()?;
    // One binary is built by one toolchain: the newest that any of its majors needs.
    let newest = chosen.runnable.iter().map(|runnable| &runnable.toolchain).max_by_key(|toolchain| &toolchain.rustc);
    let toolchain = newest.context("no major to build")?;
    let majors: Vec<_> = chosen.runnable.iter().map(|runnable| runnable.major).collect();
    let features = test::features(&majors);
    if flags.http {
        let options = ["--requests", &flags.requests.to_string(), "--connections", &flags.connections.to_string()];
        return http(root, toolchain, &features, &majors, &options);
    }
    build_and_run(root, toolchain, &features, flags.threads, flags.seconds)
}

/// Builds the binary with the majors that `features` turn on, and runs it.
pub(crate) fn build_and_run(
    root: &Path,
    toolchain: &Toolchain,
    features: &str,
    threads: u32,
    seconds: u32,
) -> Result<()> {
    let directory = build(root, toolchain, features, &["stress"])?;
    let mut stress = Command::new(directory.join(format!("stress{EXE_SUFFIX}")));
    process::run(stress.args(["--threads", &threads.to_string(), "--seconds", &seconds.to_string()]))
}

/// Builds the command line and what stresses it as a server, and runs that on each major.
pub(crate) fn http(
    root: &Path,
    toolchain: &Toolchain,
    features: &str,
    majors: &[&Major],
    options: &[&str],
) -> Result<()> {
    let directory = build(root, toolchain, features, &["stress_http", "wasmtime-compat"])?;
    let majors: Vec<_> = majors.iter().map(|major| major.major.to_string()).collect();
    let mut stress = Command::new(directory.join(format!("stress_http{EXE_SUFFIX}")));
    stress.arg("--serve").arg(directory.join(format!("wasmtime-compat{EXE_SUFFIX}")));
    process::run(stress.args(["--majors", &majors.join(",")]).args(options))
}

/// Builds these programs; returns their directory.
fn build(root: &Path, toolchain: &Toolchain, features: &str, programs: &[&str]) -> Result<PathBuf> {
    let start = Instant::now();
    let mut build = process::cargo_with(root, toolchain);
    build.arg("build").args(test::PACKAGES).args(["--features", features]);
    process::run(build.args(programs.iter().flat_map(|program| ["--bin", program])))?;
    eprintln!("built by {toolchain} in {:.1} s", start.elapsed().as_secs_f64());
    // `cargo run` takes one package only, and would build it with other features.
    Ok(process::target_dir(root)?.join("debug"))
}

#[cfg(test)]
mod tests {
    //! What would test nothing is refused.

    use super::*;

    #[test]
    fn no_threads_are_refused() {
        let threads = |number: &str| {
            let command = Flags::augment_args(clap::Command::new("stress"));
            command.try_get_matches_from(["stress", "--threads", number])
        };
        assert!(threads("1").is_ok());
        assert_eq!(threads("0").unwrap_err().kind(), clap::error::ErrorKind::ValueValidation);
    }
}
