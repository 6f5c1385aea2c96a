//! `cargo xtask fuzz`: owns the build of the fuzzer of WASI calls, and which majors it compares.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::path::Path;
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

/// The step of `cargo xtask test`: the same programs every time, on three majors, for some seconds.
pub(crate) fn step(
    root: &Path,
    versions: &Versions,
    toolchain: &Toolchain,
    features: &str,
    majors: &[&Major],
) -> Result<()> {
    const ARGS: [&str; 6] = ["--seed", "1", "--seconds", "15", "--timeout", "5"];
    let args = ARGS.map(OsString::from);
    build_and_run(root, toolchain, features, &three(versions, majors), false, &args)
}

/// The oldest, the newest, and between them an LTS release or the middle one.
fn three<'a>(versions: &Versions, majors: &[&'a Major]) -> Vec<&'a Major> {
    let [first, between @ .., last] = majors else { return majors.to_vec() };
    let lts = versions.groups.get("lts").map_or(&[][..], Vec::as_slice);
    let middle = between.iter().find(|major| lts.contains(&major.major)).or(between.get(between.len() / 2));
    [Some(first), middle, Some(last)].into_iter().flatten().copied().collect()
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
    let mut build = process::cargo_with(root, toolchain);
    build.arg("build").args(test::PACKAGES).args(["--features", features, "--bin", "wasi_fuzz"]);
    if release {
        build.arg("--release");
    }
    process::run(&mut build)?;
    // `cargo run` takes one package only, and would build it with other features.
    let profile = if release { "release" } else { "debug" };
    let binary = process::target_dir(root)?.join(profile).join(format!("wasi_fuzz{EXE_SUFFIX}"));
    let majors: Vec<_> = majors.iter().map(|major| major.major.to_string()).collect();
    process::run(Command::new(binary).args(["--majors", &majors.join(",")]).args(args))
}

#[cfg(test)]
mod tests {
    //! The step compares what is furthest apart.

    use super::*;

    #[test]
    fn three_of_the_majors() {
        let versions = Versions::load(crate::root().unwrap()).unwrap();
        let three = |majors: &[u64]| {
            let majors: Vec<_> = versions.majors.iter().filter(|major| majors.contains(&major.major)).collect();
            three(&versions, &majors).iter().map(|major| major.major).collect::<Vec<_>>()
        };
        assert_eq!(three(&[18, 19, 24, 36, 42, 48]), [18, 36, 48]);
        assert_eq!(three(&[18, 19, 24, 29]), [18, 24, 29]);
        assert_eq!(three(&[19, 48]), [19, 48]);
        assert_eq!(three(&[48]), [48]);
    }
}
