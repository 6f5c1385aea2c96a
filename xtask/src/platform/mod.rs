//! `cargo xtask platform`: owns the run of the suite on a system that this one is not: cross-compiled, and under an emulator.
//!
//! A platform is an axis of the matrix: its columns are majors, and the engine, its reports and its memory are those of
//! `cargo xtask matrix`.

mod aarch64;
mod needs;
mod target;
mod windows;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use self::needs::Needs;
use self::target::Target;
use crate::matrix::{self, Axis};
use crate::toolchain::Chosen;
use crate::versions::Versions;
use crate::{process, suite};

/// Flags of `cargo xtask platform`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(subcommand)]
    system: System,
}

/// One platform each.
#[derive(Debug, Subcommand)]
enum System {
    /// Windows: linked with MinGW, and run under Wine; natively where this is Windows
    Windows(Options),
    /// Linux on 64-bit Arm: run under qemu; natively on such a machine
    Aarch64(Options),
}

/// What is tested there.
#[derive(Args, Debug)]
struct Options {
    /// Majors to test: numbers, ranges (24..=36), groups (lts), all; separated by commas
    #[arg(long, value_name = "LIST", default_value = "19,24,48")]
    majors: String,
    /// Only what needs no major, which is built in minutes: the unit tests, and the command line
    #[arg(long, conflicts_with = "majors")]
    no_major: bool,
    /// Only cases with FILTER in their name
    #[arg(long, value_name = "FILTER")]
    cases: Option<String>,
    /// Install what is missing, with apt-get and rustup
    #[arg(long)]
    install: bool,
    /// Passed on to the engine of the matrix, such as --timeout 60m --json FILE; `cargo xtask matrix --help` lists them
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<OsString>,
}

/// The unit tests, and the tests of the command line that are for every system.
const TESTS: [&str; 8] =
    ["-p", "wasmtime-compat", "-p", "wasmtime-compat-cli", "--lib", "--bins", "--test", "everywhere"];

/// The suite, and the cases that are not about one major.
const SUITE: [&str; 4] = ["-p", "compat-tests", "--test", "neutral"];

/// Sources beside those of the matrix.
const SOURCES: [&str; 2] = ["crates/cli/src", "crates/cli/tests"];

/// Prepares the platform, or reports what it lacks, and has the engine run the columns.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<ExitCode> {
    let (target, options) = match &flags.system {
        System::Windows(options) => (windows::TARGET, options),
        System::Aarch64(options) => (aarch64::TARGET, options),
    };
    let chosen = Chosen::new(versions, &options.majors)?.announce()?;
    let mut env = Vec::new();
    if !target.is_native() {
        let needs = Needs::missing(&target, &chosen)?;
        if options.install {
            needs.install()?;
        } else if !needs.is_empty() {
            bail!("{} needs more than is installed; --install runs:\n{needs}", target.name);
        }
        env = target.environment();
        env.extend((target.prepare)(&process::target_dir(root)?.join("platform"))?);
    }
    if options.no_major {
        let mut cargo = process::cargo(root);
        choose(&mut cargo, &target, &env, process::has_nextest(root), None);
        cargo.arg("--no-fail-fast").args(options.cases.iter().flat_map(|cases| ["--", cases]));
        process::run(&mut cargo)?;
        return Ok(ExitCode::SUCCESS);
    }
    let choose = |cargo: &mut Command, nextest: bool, major: u64| choose(cargo, &target, &env, nextest, Some(major));
    let axis =
        Axis { state: target.state, sources: &SOURCES, facts: vec![("platform", target.describe())], choose: &choose };
    let mut args: Vec<OsString> = vec!["--majors".into(), options.majors.clone().into()];
    args.extend(options.cases.iter().flat_map(|cases| ["--cases".into(), cases.into()]));
    args.extend(options.args.iter().cloned());
    matrix::start(root, versions, &axis, &args)
}

/// Has `cargo` test one major on the target, or what needs none.
fn choose(cargo: &mut Command, target: &Target, env: &[(String, OsString)], nextest: bool, major: Option<u64>) {
    cargo.args(if nextest { &["nextest", "run"][..] } else { &["test"] });
    cargo.args(TESTS);
    if let Some(major) = major {
        let features = format!("compat-tests/wasmtime-{major},wasmtime-compat-cli/wasmtime-{major}");
        cargo.args(SUITE).args(suite::PROGRAMS).args(["--features", &features]);
    }
    if !target.is_native() {
        cargo.args(["--target", target.triple]);
    }
    cargo.envs(env.iter().map(|(name, value)| (name, value)));
}

#[cfg(test)]
mod tests {
    //! The commands are the ones promised.

    use super::*;

    fn shown(major: Option<u64>) -> String {
        let mut cargo = Command::new("cargo");
        choose(&mut cargo, &windows::TARGET, &windows::TARGET.environment(), true, major);
        assert!(cargo.get_envs().any(|(name, _)| name == "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER"));
        process::show(&cargo)
    }

    #[test]
    fn one_major_on_another_system() {
        let shown = shown(Some(48));
        assert!(
            shown.starts_with("cargo nextest run -p wasmtime-compat -p wasmtime-compat-cli --lib --bins "),
            "{shown}"
        );
        assert!(shown.contains(" -p compat-tests --test neutral --test 'conformance_*' "), "{shown}");
        assert!(shown.contains(" --features compat-tests/wasmtime-48,wasmtime-compat-cli/wasmtime-48"), "{shown}");
        if !windows::TARGET.is_native() {
            assert!(shown.ends_with(" --target x86_64-pc-windows-gnu"), "{shown}");
        }
    }

    #[test]
    fn no_major_on_another_system() {
        let shown = shown(None);
        assert!(!shown.contains("compat-tests") && !shown.contains("--features"), "{shown}");
        assert!(shown.contains(" --test everywhere"), "{shown}");
    }
}
