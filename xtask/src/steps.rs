//! `cargo xtask steps`: owns the steps in which features turn a major on, each tried in a build of its own.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::process;
use crate::toolchain::{Chosen, Toolchain};
use crate::versions::{Step, Versions};

/// Flags of `cargo xtask steps`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Majors to test: numbers, ranges (24..=36), groups (lts), all; separated by commas
    #[arg(long, value_name = "LIST", default_value = "lts")]
    majors: String,
    /// Tries the core with Winch as well
    #[arg(long)]
    winch: bool,
}

/// Tests each step of the chosen majors; fails with the first that fails.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let chosen = Chosen::new(versions, &flags.majors)?.announce()?;
    for (toolchain, majors) in chosen.by_toolchain() {
        let majors: Vec<u64> = majors.iter().map(|major| major.major).collect();
        test(root, toolchain, &majors)?;
        if flags.winch {
            process::run(&mut command(root, toolchain, &features(&majors, |_| Step::Winch)))?;
        }
    }
    for line in chosen.not_run() {
        println!("{line}");
    }
    Ok(())
}

/// Tests the core with Cranelift, the core without a compiler, which loads what the former compiled, and a build with only
/// the core of the first major and all of the others.
pub(crate) fn test(root: &Path, toolchain: &Toolchain, majors: &[u64]) -> Result<()> {
    let mixed = |major| if majors.first() == Some(&major) { Step::Core } else { Step::Whole };
    for features in [features(majors, |_| Step::Cranelift), features(majors, |_| Step::Core), features(majors, mixed)] {
        process::run(&mut command(root, toolchain, &features))?;
    }
    Ok(())
}

fn features(majors: &[u64], step: impl Fn(u64) -> Step) -> String {
    majors.iter().map(|major| step(*major).feature(*major)).collect::<Vec<_>>().join(",")
}

fn command(root: &Path, toolchain: &Toolchain, features: &str) -> Command {
    let mut cargo = process::cargo_with(root, toolchain);
    cargo.args(["test", "-p", "core-tests", "--features", features, "--no-fail-fast"]);
    cargo
}

#[cfg(test)]
mod tests {
    //! Each step has its own features.

    use super::*;

    #[test]
    fn features_of_steps() {
        assert_eq!(features(&[19, 48], |_| Step::Core), "wasmtime-19-core,wasmtime-48-core");
        let mixed = |major| if major == 19 { Step::Winch } else { Step::Whole };
        assert_eq!(features(&[19, 48], mixed), "wasmtime-19-winch,wasmtime-48");
    }
}
