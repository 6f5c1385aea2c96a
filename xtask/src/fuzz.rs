//! `cargo xtask fuzz`: owns the build of the fuzzers, and which majors that of WASI calls compares.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::toolchain::{self, Chosen, Toolchain};
use crate::versions::{Major, Versions};
use crate::{process, test};

/// Flags of `cargo xtask fuzz`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Majors to compare: numbers, ranges (24..=36), groups (lts), all; separated by commas
    #[arg(long, value_name = "LIST", default_value = "19,36,48")]
    majors: String,
    /// For how long, after everything is compiled
    #[arg(long, value_name = "S", default_value_t = 60)]
    seconds: u32,
    /// With optimisation: some ten times as many calls, after a longer build
    #[arg(long)]
    release: bool,
    /// Passed on to `wasi_fuzz`; `-- --help` lists its flags
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<OsString>,
}

/// Builds the fuzzer and runs it; fails if a major aborts, panics, hangs, takes too much memory or does what the others
/// do not, unless that is a known difference.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let chosen = Chosen::new(versions, &flags.majors)?.announce()?;
    // One binary is built by one toolchain: the newest that any of its majors needs.
    let newest = chosen.runnable.iter().map(|runnable| &runnable.toolchain).max_by_key(|toolchain| &toolchain.rustc);
    let toolchain = newest.context("no major to build")?;
    let majors: Vec<_> = chosen.runnable.iter().map(|runnable| runnable.major).collect();
    let mut args = vec!["--seconds".into(), flags.seconds.to_string().into()];
    args.extend(flags.args.iter().cloned());
    build_and_run(root, toolchain, &toolchain::features("compat-tests/", &majors), &majors, flags.release, &args)
}

/// The majors whose differences `wasi_fuzz` knows: one without Wasmtime's own bounds, two LTS releases with them, and the
/// newest. What the others do differently has not been looked at.
const KNOWN: [u64; 4] = [19, 36, 48, 50];

/// The step of `cargo xtask test`: the same programs every time, for some seconds, on those of the majors whose differences
/// are known. With fewer than two of them there is nothing to compare, which is said.
pub(crate) fn step(root: &Path, toolchain: &Toolchain, features: &str, majors: &[&Major]) -> Result<()> {
    const ARGS: [&str; 6] = ["--seed", "1", "--seconds", "15", "--timeout", "5"];
    let known = known(majors);
    if known.len() < 2 {
        eprintln!("not run: the fuzzer of WASI calls compares two or more of {KNOWN:?}");
        return Ok(());
    }
    build_and_run(root, toolchain, features, &known, false, &ARGS.map(OsString::from))
}

/// Those of the majors whose differences are known.
fn known<'a>(majors: &[&'a Major]) -> Vec<&'a Major> {
    majors.iter().filter(|major| KNOWN.contains(&major.major)).copied().collect()
}

/// Builds with the majors that `features` turn on and compares `majors` of them.
fn build_and_run(
    root: &Path,
    toolchain: &Toolchain,
    features: &str,
    majors: &[&Major],
    release: bool,
    args: &[OsString],
) -> Result<()> {
    let binary = build(root, toolchain, features, release, "wasi_fuzz")?;
    let majors: Vec<_> = majors.iter().map(|major| major.major.to_string()).collect();
    process::run(Command::new(binary).args(["--majors", &majors.join(",")]).args(args))
}

/// The other step: generated and broken guests, the same ones every time, on all the majors that `features` turn on.
pub(crate) fn hostile(root: &Path, toolchain: &Toolchain, features: &str) -> Result<()> {
    let binary = build(root, toolchain, features, false, "hostile")?;
    process::run(Command::new(binary).args(["--seed", "1", "--seconds", "10"]))
}

/// Builds a program of `compat-tests` with the majors that `features` turn on; returns where it is.
pub(crate) fn build(root: &Path, toolchain: &Toolchain, features: &str, release: bool, name: &str) -> Result<PathBuf> {
    let mut build = process::cargo_with(root, toolchain);
    build.arg("build").args(test::PACKAGES).args(["--features", features, "--bin", name]);
    if release {
        build.arg("--release");
    }
    process::run(&mut build)?;
    // `cargo run` takes one package only, and would build it with other features.
    let profile = if release { "release" } else { "debug" };
    Ok(process::target_dir(root)?.join(profile).join(format!("{name}{EXE_SUFFIX}")))
}

#[cfg(test)]
mod tests {
    //! The step compares the majors whose differences are known.

    use super::*;

    #[test]
    fn majors_that_are_compared() {
        let versions = Versions::load(crate::root().unwrap()).unwrap();
        let known = |majors: &[u64]| {
            let majors: Vec<_> = versions.majors.iter().filter(|major| majors.contains(&major.major)).collect();
            known(&majors).iter().map(|major| major.major).collect::<Vec<_>>()
        };
        assert_eq!(known(&[18, 19, 24, 36, 42, 48]), [19, 36, 48]);
        assert_eq!(known(&[18, 19, 48]), [19, 48]);
        assert!(known(&[24]).is_empty());
    }
}
