//! `cargo xtask matrix`: owns what the matrix engine is told about this repository.
//!
//! The engine is a program of another package, which reads the columns from a file: this package must build without any
//! other package of the workspace.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use crate::toolchain::{self, Chosen, Runnable};
use crate::versions::{Major, Versions};
use crate::{process, suite};

/// The package with the engine, and its program.
const ENGINE: &str = "wasmtime-compat-matrix";

/// What the result of a column depends on, beside its command and toolchain.
pub(crate) const SOURCES: [&str; 7] =
    ["Cargo.lock", "Cargo.toml", "src", "crates/guest/src", "crates/macros/src", "compat-tests", ".cargo/config.toml"];

/// What CI installs for a major that the newest stable toolchain builds.
const STABLE: &str = "stable";

/// Flags of `cargo xtask matrix`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Passed on to the engine, which lists its flags with --help
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    args: Vec<OsString>,
}

/// The part of a project that is not the same for all: how a column is tested, and where its results are kept.
pub(crate) struct Axis<'a> {
    /// The folder below the target directory in which the engine keeps results.
    pub(crate) state: &'a str,
    /// Sources beside [`SOURCES`].
    pub(crate) sources: &'a [&'a str],
    /// What is known of every column, beside what is known of its major.
    pub(crate) facts: Vec<(&'a str, String)>,
    /// Has cargo test a major, with nextest or without.
    pub(crate) choose: &'a dyn Fn(&mut Command, bool, u64),
}

/// The file that the engine reads; its `project.rs` has the same fields.
#[derive(Serialize)]
struct Project {
    columns: Vec<Plan>,
    groups: BTreeMap<String, Vec<u64>>,
    /// Where the engine keeps results.
    state: PathBuf,
    /// The folder of `sources`.
    root: PathBuf,
    sources: Vec<String>,
}

/// A column and how it is tested.
#[derive(Serialize)]
struct Plan {
    column: Column,
    invocation: Invocation,
    /// The toolchain that a machine which is to run it should install.
    install: Option<String>,
    /// Why it cannot run here.
    not_run: Option<String>,
}

#[derive(Serialize)]
struct Column {
    major: u64,
    pin: String,
    toolchain: Option<String>,
    experimental: bool,
    facts: BTreeMap<String, String>,
    command: String,
}

#[derive(Serialize)]
struct Invocation {
    program: String,
    args: Vec<String>,
    env: BTreeMap<String, Option<String>>,
    dir: PathBuf,
}

/// The suite of this system.
const NATIVE: Axis<'_> = Axis { state: "matrix", sources: &[], facts: Vec::new(), choose: &suite::choose };

/// Builds the engine, and has it run the matrix, or what else its command line asks for.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<ExitCode> {
    start(root, versions, &NATIVE, &flags.args)
}

/// Builds the engine, and has it do with the columns of an axis what `args` ask for.
pub(crate) fn start(root: &Path, versions: &Versions, axis: &Axis<'_>, args: &[OsString]) -> Result<ExitCode> {
    let project = project(root, versions, axis)?;
    fs::create_dir_all(&project.state).with_context(|| format!("make {:?}", project.state))?;
    let file = project.state.join("project.json");
    let text = serde_json::to_vec_pretty(&project).context("write the columns as JSON")?;
    fs::write(&file, text).with_context(|| format!("write {file:?}"))?;
    let mut command = process::cargo(root);
    command.args(["run", "--quiet", "--package", ENGINE, "--bin", ENGINE, "--", "--project"]).arg(&file);
    command.args(args);
    engine(&mut command)
}

/// Becomes the engine, so that signals and the exit code are its own.
#[cfg(unix)]
fn engine(command: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;

    Err(command.exec()).with_context(|| format!("start {}", process::show(command)))
}

/// Waits for the engine, and passes on its exit code.
#[cfg(not(unix))]
fn engine(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().with_context(|| format!("start {}", process::show(command)))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn project(root: &Path, versions: &Versions, axis: &Axis<'_>) -> Result<Project> {
    let nextest = process::has_nextest(root);
    let chosen = Chosen::new(versions, "all")?;
    let mut columns: Vec<Plan> =
        chosen.runnable.iter().map(|runnable| runnable_column(root, nextest, axis, runnable)).collect();
    columns.extend(chosen.left_out.iter().map(|major| left_out_column(root, nextest, axis, major)));
    columns.sort_by_key(|plan| plan.column.major);
    Ok(Project {
        columns,
        groups: versions.groups(),
        state: process::target_dir(root)?.join(axis.state),
        root: root.to_owned(),
        sources: SOURCES.iter().chain(axis.sources).map(|source| (*source).to_owned()).collect(),
    })
}

fn runnable_column(root: &Path, nextest: bool, axis: &Axis<'_>, runnable: &Runnable<'_>) -> Plan {
    let toolchain = &runnable.toolchain;
    let mut command = process::cargo_with(root, toolchain);
    let mut plan = column(&mut command, nextest, axis, runnable.major);
    plan.column.toolchain = Some(toolchain.to_string());
    if toolchain.name.is_some() {
        plan.column.experimental = true;
        plan.install = Some(runnable.major.rust.clone());
    }
    plan
}

fn left_out_column(root: &Path, nextest: bool, axis: &Axis<'_>, major: &Major) -> Plan {
    let mut plan = column(&mut process::cargo(root), nextest, axis, major);
    plan.column.experimental = true;
    plan.install = Some(major.rust.clone());
    plan.not_run = Some(toolchain::reason(major));
    plan
}

/// The column of `major`, tested by `cargo`. All columns share the target directory, and with it what they have in
/// common.
fn column(cargo: &mut Command, nextest: bool, axis: &Axis<'_>, major: &Major) -> Plan {
    let number = major.major;
    (axis.choose)(cargo, nextest, number);
    let lts = if major.lts() { "LTS, " } else { "" };
    let facts = [
        ("WASI 0.2", major.p2.clone()),
        ("rust-version", major.rust.clone()),
        ("support", format!("{lts}until {}", major.end_of_life)),
    ];
    let facts = facts.iter().chain(&axis.facts).map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let text = |word: &std::ffi::OsStr| word.to_string_lossy().into_owned();
    Plan {
        column: Column {
            major: number,
            pin: major.pin.to_string(),
            toolchain: None,
            experimental: false,
            facts,
            command: process::show(cargo),
        },
        invocation: Invocation {
            program: text(cargo.get_program()),
            args: cargo.get_args().map(text).collect(),
            env: cargo.get_envs().map(|(name, value)| (text(name), value.map(text))).collect(),
            dir: cargo.get_current_dir().unwrap_or(Path::new(".")).to_owned(),
        },
        install: Some(STABLE.to_owned()),
        not_run: None,
    }
}

#[cfg(test)]
mod tests {
    //! A column is the suite with one major, and says when it cannot run.

    use super::*;

    #[test]
    fn columns() {
        let versions = Versions::sample();
        let root = Path::new(".");
        let plan = column(&mut process::cargo(root), true, &NATIVE, &versions.majors[3]);
        assert_eq!(
            plan.column.command,
            "cargo nextest run -p compat-tests --features wasmtime-48 --test 'conformance_*'"
        );
        assert_eq!(plan.invocation.args[..2], ["nextest", "run"]);
        assert_eq!(plan.column.facts["support"], "LTS, until 2024-04-20");

        let plan = left_out_column(root, false, &NATIVE, &versions.majors[3]);
        assert_eq!(plan.not_run.as_deref(), Some("needs rustc 1.95"));
        assert_eq!((plan.column.experimental, plan.install.as_deref()), (true, Some("1.95")));
        assert!(plan.column.command.starts_with("cargo test -p compat-tests "));
    }
}
