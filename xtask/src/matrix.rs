//! `cargo xtask matrix`: owns what the matrix engine is told about this repository.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use wasmtime_compat_matrix::project::Plan;
use wasmtime_compat_matrix::{Invocation, MatrixArgs, Project, cache, cli};

use crate::toolchain::{self, Chosen, Runnable};
use crate::versions::{Major, Versions};
use crate::{process, suite};

/// What the result of a column depends on, beside its command and toolchain.
const SOURCES: [&str; 5] = ["Cargo.lock", "Cargo.toml", "src", "compat-tests", ".cargo/config.toml"];

/// What CI installs for a major that the newest stable toolchain builds.
const STABLE: &str = "stable";

/// Flags of `cargo xtask matrix`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    matrix: MatrixArgs,
}

/// Runs the matrix, or what else its command line asks for.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> ExitCode {
    cli::main(&flags.matrix, || project(root, versions))
}

fn project(root: &Path, versions: &Versions) -> Result<Project> {
    let nextest = process::has_nextest(root);
    let chosen = Chosen::new(versions, "all")?;
    let mut columns: Vec<Plan> =
        chosen.runnable.iter().map(|runnable| runnable_column(root, nextest, runnable)).collect();
    columns.extend(chosen.left_out.iter().map(|major| left_out_column(root, nextest, major)));
    columns.sort_by_key(|plan| plan.column.major);
    Ok(Project {
        columns,
        groups: versions.groups(),
        state: process::target_dir(root)?.join("matrix"),
        fingerprint: Some(cache::fingerprint(root, &SOURCES)?),
    })
}

fn runnable_column(root: &Path, nextest: bool, runnable: &Runnable<'_>) -> Plan {
    let toolchain = &runnable.toolchain;
    let mut command = process::cargo_with(root, toolchain);
    let mut plan = column(&mut command, nextest, runnable.major);
    plan.column.toolchain = Some(toolchain.to_string());
    if toolchain.name.is_some() {
        plan.column.experimental = true;
        plan.install = Some(runnable.major.rust.clone());
    }
    plan
}

fn left_out_column(root: &Path, nextest: bool, major: &Major) -> Plan {
    let mut plan = column(&mut process::cargo(root), nextest, major);
    plan.column.experimental = true;
    plan.install = Some(major.rust.clone());
    plan.not_run = Some(toolchain::reason(major));
    plan
}

/// The column of `major`, tested by `cargo`. All columns share the target directory, and with it what they have in
/// common.
fn column(cargo: &mut std::process::Command, nextest: bool, major: &Major) -> Plan {
    let number = major.major;
    suite::choose(cargo, nextest, number);
    let mut plan = Plan::new(number, Invocation::from(&*cargo));
    plan.column.pin = Some(major.pin.to_string());
    let lts = if major.lts() { "LTS, " } else { "" };
    plan.column.facts = [
        ("WASI 0.2", major.p2.clone()),
        ("rust-version", major.rust.clone()),
        ("support", format!("{lts}until {}", major.end_of_life)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    plan.install = Some(STABLE.to_owned());
    plan
}

#[cfg(test)]
mod tests {
    //! A column is the suite with one major, and says when it cannot run.

    use super::*;

    #[test]
    fn columns() {
        let versions = Versions::sample();
        let root = Path::new(".");
        let plan = column(&mut process::cargo(root), true, &versions.majors[3]);
        let command = "cargo nextest run -p compat-tests --features wasmtime-48 --test conformance";
        assert_eq!(plan.invocation.show(), command);
        let again = plan.invocation.reproduce("v48::calls::add").show();
        assert_eq!(again, format!("{command} -E 'test(=v48::calls::add)'"));
        assert_eq!(plan.column.facts["support"], "LTS, until 2024-04-20");

        let plan = left_out_column(root, false, &versions.majors[3]);
        assert_eq!(plan.not_run.as_deref(), Some("needs rustc 1.95"));
        assert_eq!((plan.column.experimental, plan.install.as_deref()), (true, Some("1.95")));
        assert!(plan.invocation.show().starts_with("cargo test -p compat-tests "));
    }
}
