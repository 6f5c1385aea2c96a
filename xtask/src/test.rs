//! `cargo xtask test`: owns what "all tests" means. README tells newcomers to run it, and CI runs it.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;

use crate::toolchain::{self, Chosen, Toolchain};
use crate::versions::{Major, Versions};
use crate::{checks, fuzz, process, stress, tidy};

/// The packages tested. Every command names all of them: cargo unifies features over the packages named, so fewer
/// would have it build tokio, and with it every Wasmtime, a second time.
pub(crate) const PACKAGES: [&str; 24] = [
    "-p",
    "wasmtime-compat",
    "-p",
    "wasmtime-compat-guest",
    "-p",
    "wasmtime-compat-cli",
    "-p",
    "wasmtime-compat-macros",
    "-p",
    "wasmtime-compat-matrix",
    "-p",
    "wasmtime-compat-guest-tools",
    "-p",
    "compat-tests",
    "-p",
    "xtask",
    "-p",
    "ui-core-only",
    "-p",
    "ui-no-major",
    "-p",
    "ui-one-major",
    "-p",
    "ui-two-majors",
];

/// What `rust-version` in Cargo.toml says.
const RUST_VERSION: &str = env!("CARGO_PKG_RUST_VERSION");

/// Enough threads and seconds for every kind of work to meet every other on a dozen majors.
const STRESS_THREADS: u32 = 8;
const STRESS_SECONDS: u32 = 5;

/// Enough requests for all kinds, in seconds.
const STRESS_OF_SERVE: [&str; 5] = ["--requests", "300", "--connections", "32", "--together"];

/// Flags of `cargo xtask test`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Majors to test: numbers, ranges (24..=36), groups (lts), all; separated by commas
    #[arg(long, value_name = "LIST", default_value = "border")]
    majors: String,
    /// Passed on to the tests, not to the doc tests: a part of a test's name runs only those with it
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<OsString>,
}

/// Runs every step, also after one that fails; then says how each went, and fails if one did.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let chosen = Chosen::new(versions, &flags.majors)?.announce()?;
    let nextest = process::has_nextest(root);
    let mut summary = Summary::default();

    summary.step("tidy", || {
        eprintln!("$ cargo xtask tidy");
        tidy::run(root, versions)
    });
    for (toolchain, majors) in chosen.by_toolchain() {
        let features = features(&majors);
        let with = toolchain.name.as_ref().map_or_else(String::new, |name| format!(" with {name}"));
        let cargo = || process::cargo_with(root, toolchain);
        summary.step(&format!("tests{with}"), || process::run(tests(&mut cargo(), nextest, &features, &flags.args)));
        summary.step(&format!("doc tests{with}"), || process::run(doc_tests(&mut cargo(), &features)));
        if flags.args.is_empty() {
            summary.step(&format!("benches{with}"), || process::run(benches(&mut cargo(), &features)));
            summary.step(&format!("stress{with}"), || {
                stress::build_and_run(root, toolchain, &features, STRESS_THREADS, STRESS_SECONDS)
            });
            // The oldest and the newest: each has a server of its own.
            let mut ends: Vec<_> = majors.first().into_iter().chain(majors.last()).copied().collect();
            ends.dedup_by_key(|major| major.major);
            summary.step(&format!("stress of serve{with}"), || {
                stress::http(root, toolchain, &features, &ends, &STRESS_OF_SERVE)
            });
            summary.step(&format!("fuzz{with}"), || fuzz::step(root, toolchain, &features, &majors));
            summary.step(&format!("hostile{with}"), || fuzz::hostile(root, toolchain, &features));
        }
    }
    summary.step("no major", || {
        process::run(process::cargo(root).args(["build", "-p", "wasmtime-compat", "--no-default-features"]))
    });
    if flags.args.is_empty() {
        source_checks(root, versions, &chosen, &mut summary);
    }
    let steps = summary.finish();
    for line in chosen.not_run() {
        println!("{line}");
    }
    steps
}

/// The lints, the documentation and the public API, on two of the chosen majors that the active toolchain builds: those
/// of the oldest and the newest generation, or the oldest and the newest. The code around them is compiled for each major
/// alike, and the seams of the others by the tests.
fn source_checks(root: &Path, versions: &Versions, chosen: &Chosen<'_>, summary: &mut Summary) {
    let of_a_generation = |major| versions.select("pre-20,since-29").is_ok_and(|numbers| numbers.contains(&major));
    let mut majors: Vec<_> = chosen.runnable.iter().filter(|runnable| runnable.toolchain.name.is_none()).collect();
    if majors.iter().any(|runnable| of_a_generation(runnable.major.major)) {
        majors.retain(|runnable| of_a_generation(runnable.major.major));
    }
    if let (Some(oldest), Some(newest)) = (majors.first(), majors.last()) {
        let features = features(&[oldest.major, newest.major]);
        if checks::has_clippy(root) {
            summary.step("clippy", || checks::clippy(root, &features));
        } else {
            summary.not_run("clippy", "it is not installed");
        }
        summary.step("rustdoc", || checks::documentation(root, &features));
    }
    match Toolchain::nightly() {
        Some(nightly) => summary.step("public API", || checks::public_api(root, &nightly)),
        None => summary.not_run("public API", "no nightly toolchain is installed"),
    }
    match Toolchain::release(RUST_VERSION) {
        Some(oldest) => summary.step("rust-version", || {
            let mut command = process::cargo_with(root, &oldest);
            process::run(command.args(["check", "-p", "wasmtime-compat", "-p", "wasmtime-compat-guest"]))
        }),
        None => summary.not_run("rust-version", &format!("Rust {RUST_VERSION} is not installed; clippy knows it")),
    }
}

/// The features of the majors, for the suite and for the command line, parts of which need a major of their own.
pub(crate) fn features(majors: &[&Major]) -> String {
    ["compat-tests/", "wasmtime-compat-cli/"].map(|package| toolchain::features(package, majors)).join(",")
}

fn tests<'a>(command: &'a mut Command, nextest: bool, features: &str, args: &[OsString]) -> &'a mut Command {
    command.args(if nextest { &["nextest", "run"][..] } else { &["test"] });
    command.args(PACKAGES).args(["--features", features, "--no-fail-fast"]);
    if !args.is_empty() {
        command.arg("--").args(args);
    }
    command
}

/// Doc tests, which nextest does not run.
fn doc_tests<'a>(command: &'a mut Command, features: &str) -> &'a mut Command {
    command.args(["test", "--doc"]).args(PACKAGES).args(["--features", features])
}

/// Benchmarks, which are only built: what they measure says nothing without optimisation.
fn benches<'a>(command: &'a mut Command, features: &str) -> &'a mut Command {
    command.args(["build", "--benches"]).args(PACKAGES).args(["--features", features])
}

/// How each step went.
#[derive(Debug, Default)]
struct Summary {
    lines: Vec<String>,
    failed: usize,
}

impl Summary {
    fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        let start = Instant::now();
        let result = work();
        let verdict = match &result {
            Ok(()) => "ok",
            Err(_) => "FAILED",
        };
        let mut line = format!("{name:<10} {verdict:<7} {:>7.1} s", start.elapsed().as_secs_f64());
        if let Err(error) = result {
            eprintln!("error: {error:#}");
            line += &format!("  {error:#}");
            self.failed += 1;
        }
        self.lines.push(line);
    }

    fn not_run(&mut self, name: &str, reason: &str) {
        self.lines.push(format!("{name:<10} not run: {reason}"));
    }

    fn finish(self) -> Result<()> {
        println!();
        for line in &self.lines {
            println!("{line}");
        }
        if self.failed > 0 {
            bail!("{} of {} steps failed", self.failed, self.lines.len());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    //! The commands are the ones promised, and a failed step is not lost.

    use super::*;

    #[test]
    fn one_command_tests_all_chosen_majors() {
        let shown =
            |nextest, args: &[OsString]| process::show(tests(&mut Command::new("cargo"), nextest, "a/x,a/y", args));
        let packages = PACKAGES.join(" ");
        assert!(shown(true, &[]).ends_with(&format!(" nextest run {packages} --features a/x,a/y --no-fail-fast")));
        assert!(shown(false, &[]).ends_with(&format!(" test {packages} --features a/x,a/y --no-fail-fast")));
        assert!(shown(true, &["preopen".into()]).ends_with("--no-fail-fast -- preopen"));
    }

    #[test]
    fn a_failed_step_fails_the_whole() {
        let mut summary = Summary::default();
        summary.step("one", || bail!("broken"));
        summary.step("two", || Ok(()));
        assert!(summary.lines[0].contains("FAILED") && summary.lines[0].ends_with("broken"));
        assert_eq!(summary.finish().unwrap_err().to_string(), "1 of 2 steps failed");
    }
}
