//! Owns the matrix of other people's crates: their own cargo features say which majors there are.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use crate::cache;
use crate::cli::{self, MatrixArgs};
use crate::exit::{self, Stop};
use crate::project::{Plan, Project};
use crate::suite::Invocation;

/// How the command line is used.
const EXAMPLES: &str = "\
Examples:
  wasmtime-compat matrix
  wasmtime-compat matrix --majors lts --html matrix.html -- cargo nextest run
  wasmtime-compat matrix --features-prefix wt -- cargo test -p my-host
  wasmtime-compat matrix diff 36 48

The group `lts` is every long-term support release that the crate has a feature for: 24, 36, 48.";

/// Flags of `wasmtime-compat matrix`.
#[derive(Args, Debug)]
#[command(after_help = format!("{}\n\n{EXAMPLES}", exit::HELP))]
pub struct Flags {
    #[command(flatten)]
    matrix: MatrixArgs,
    /// The features are named by this and the number of their major
    #[arg(long, global = true, value_name = "PREFIX", default_value = "wasmtime-")]
    features_prefix: String,
    /// The package with the features, where the folder does not say it
    #[arg(long, short, global = true, value_name = "NAME")]
    package: Option<String>,
    /// The cargo command that tests one major; `--no-default-features --features PREFIXnn` is added to it
    #[arg(last = true, value_name = "COMMAND", default_values = ["cargo", "test"])]
    command: Vec<String>,
}

/// Runs the matrix of the crate in the current folder.
pub fn main(flags: &Flags) -> ExitCode {
    cli::main(&flags.matrix, || {
        let folder = env::current_dir().context("find the current folder")?;
        let offline = flags.matrix.offline();
        project(&folder, &flags.features_prefix, flags.package.as_deref(), &flags.command, offline)
    })
}

/// What `cargo metadata` says, as far as it matters.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    source: Option<String>,
    manifest_path: PathBuf,
    features: BTreeMap<String, Vec<String>>,
}

/// The project of the crate in `folder`, tested by `command`; `offline` keeps cargo from the network here, too.
///
/// # Errors
/// If there is no such crate, it has no such features, or the command is not cargo's.
pub fn project(
    folder: &Path,
    prefix: &str,
    package: Option<&str>,
    command: &[String],
    offline: bool,
) -> Result<Project> {
    let Some((program, args)) = command.split_first() else {
        return Err(Stop::usage("no command is given"));
    };
    if Path::new(program).file_stem().is_none_or(|name| name != "cargo") && !args.iter().any(|word| word == "cargo") {
        return Err(Stop::usage(format!("{program:?} is not cargo: features can be added to a cargo command only")));
    }
    // Of all dependencies, for their exact versions and for the sources of those that are folders. Where they cannot be
    // had the columns still run, but nobody knows what their results depend on.
    let all = if offline { &["--all-features", "--offline"][..] } else { &["--all-features"] };
    let (metadata, complete) = match metadata(folder, all) {
        Ok(metadata) => (metadata, true),
        Err(_) => (metadata(folder, &["--no-deps", "--offline"])?, false),
    };
    let own = own(&metadata, folder, package)?;
    let features = numbered(own.features.keys().map(String::as_str), prefix);
    if features.is_empty() {
        return Err(Stop::usage(format!("{} has no feature {prefix:?} and a number", own.name)));
    }
    let base =
        Invocation { program: program.into(), args: args.to_vec(), env: BTreeMap::new(), dir: folder.to_owned() };
    let toolchain = rustc(folder)?;
    let plan = |(major, feature): (u64, &str)| {
        let mut plan = Plan::new(major, base.with(&["--no-default-features", "--features", feature]));
        plan.column.pin = pin(&metadata, major);
        plan.column.toolchain = Some(toolchain.clone());
        plan
    };
    let columns: Vec<Plan> = features.into_iter().map(plan).collect();
    let lts = columns.iter().map(|plan| plan.column.major).filter(|major| major.is_multiple_of(12)).collect();
    Ok(Project {
        columns,
        groups: BTreeMap::from([("lts".to_owned(), lts)]),
        // Several members of a workspace may have such features.
        state: metadata.target_directory.join("wasmtime-matrix").join(&own.name),
        fingerprint: complete.then(|| sources(&metadata)).transpose()?,
    })
}

fn metadata(folder: &Path, flags: &[&str]) -> Result<Metadata> {
    let mut command = Command::new("cargo");
    command.args(["metadata", "--format-version", "1"]).args(flags).current_dir(folder).stderr(Stdio::piped());
    let output = command.output().context("start cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    serde_json::from_slice(&output.stdout).context("read what cargo metadata says")
}

/// The package that is meant: the one named, the one of the folder, or the only one.
fn own<'a>(metadata: &'a Metadata, folder: &Path, name: Option<&str>) -> Result<&'a Package> {
    let members: Vec<&Package> =
        metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id)).collect();
    if let Some(name) = name {
        let found = members.iter().find(|package| package.name == name);
        return found.copied().ok_or_else(|| Stop::usage(format!("the workspace has no package {name:?}")));
    }
    let of_folder = members.iter().find(|package| package.manifest_path.parent() == Some(folder));
    match (of_folder, &members[..]) {
        (Some(package), _) => Ok(package),
        (None, [only]) => Ok(only),
        (None, _) => Err(Stop::usage("the workspace has several packages: name one with --package")),
    }
}

/// The features that are `prefix` and a number, by number.
fn numbered<'a>(features: impl Iterator<Item = &'a str>, prefix: &str) -> BTreeMap<u64, &'a str> {
    features.filter_map(|name| Some((name.strip_prefix(prefix)?.parse().ok()?, name))).collect()
}

/// The Wasmtime of this major in the lock file.
fn pin(metadata: &Metadata, major: u64) -> Option<String> {
    let start = format!("{major}.");
    let mut found = metadata.packages.iter().filter(|package| package.name == "wasmtime");
    found.find(|package| package.version.starts_with(&start)).map(|package| package.version.clone())
}

/// The hash of the lock file and of every package that is a folder.
fn sources(metadata: &Metadata) -> Result<String> {
    let folders = metadata.packages.iter().filter(|package| package.source.is_none());
    let folders = folders.filter_map(|package| Some(package.manifest_path.parent()?.to_string_lossy().into_owned()));
    let mut paths: BTreeSet<String> = folders.collect();
    let lock = metadata.workspace_root.join("Cargo.lock");
    if lock.is_file() {
        paths.insert(lock.to_string_lossy().into_owned());
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    cache::fingerprint(&metadata.workspace_root, &paths)
}

fn rustc(folder: &Path) -> Result<String> {
    let output = Command::new("rustc").arg("--version").current_dir(folder).output().context("start rustc")?;
    ensure!(output.status.success(), "rustc --version ended with {}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.split_whitespace().nth(1).context("read the version of rustc")?.to_owned())
}

#[cfg(test)]
mod tests {
    //! Features are found by prefix and number.

    use super::*;

    #[test]
    fn features_are_prefix_and_number() {
        let features = ["default", "wasmtime-24", "wasmtime-x", "wasmtime-", "wasmtime-100", "wt48"];
        let found = |prefix| numbered(features.into_iter(), prefix).into_iter().collect::<Vec<_>>();
        assert_eq!(found("wasmtime-"), [(24, "wasmtime-24"), (100, "wasmtime-100")]);
        assert_eq!(found("wt"), [(48, "wt48")]);
        assert!(found("v").is_empty());
    }
}
