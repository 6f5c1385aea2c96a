//! `cargo xtask lowest`: owns the promise that `requires` in versions.toml makes, tried on that very release.
//!
//! It works in a copy of the workspace, pinned to these releases: the workspace itself keeps its lock.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use semver::Version;

use crate::suite::{self, Verdict};
use crate::toolchain::Chosen;
use crate::versions::Versions;
use crate::{pins, process};

/// Flags of `cargo xtask lowest`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Majors to run: numbers, ranges (24..=36), groups (lts), all; separated by commas [default: every LTS release]
    #[arg(long, value_name = "LIST")]
    majors: Option<String>,
    /// Resolves and locks, but builds nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the suite on the lowest accepted version of every chosen major; fails if one cannot be built or fails it.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let list = flags.majors.clone().unwrap_or_else(|| every_lts(versions));
    let chosen = Chosen::new(versions, &list)?.announce()?;
    let target = process::target_dir(root)?;
    let copy = target.join("xtask-lowest");
    copy_workspace(root, &copy, &target)?;
    let lowest: Vec<Version> = chosen.runnable.iter().map(|runnable| runnable.major.requires.clone()).collect();
    let versions = pins::set(&copy, &lowest).context("pin the oldest patches")?;
    pins::locked(&copy, &versions).context("in the copy of the workspace")?;

    let nextest = process::has_nextest(root);
    let mut lines = Vec::new();
    let mut bad = Vec::new();
    for runnable in &chosen.runnable {
        let version = &runnable.major.requires;
        if flags.dry_run {
            lines.push(format!("Wasmtime {version}: resolved; would be built with {}", runnable.toolchain));
            continue;
        }
        let mut command = suite::command(&copy, &runnable.toolchain, nextest, runnable.major.major);
        // What is not of Wasmtime is the same, and already built there.
        let verdict = suite::run(command.env("CARGO_TARGET_DIR", &target))?;
        lines.push(format!("Wasmtime {version}: {}", said(&verdict)));
        if verdict != Verdict::Passed {
            bad.push(version.to_string());
        }
    }
    for line in lines.into_iter().chain(chosen.not_run()) {
        println!("{line}");
    }
    if !bad.is_empty() {
        bail!("the suite does not pass on Wasmtime {}: mend it, or raise `requires` in versions.toml", bad.join(", "));
    }
    Ok(())
}

/// The LTS releases as a list that `--majors` takes.
fn every_lts(versions: &Versions) -> String {
    let numbers: Vec<String> =
        versions.majors.iter().filter(|major| major.lts()).map(|major| major.major.to_string()).collect();
    numbers.join(",")
}

fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed => "pass".to_owned(),
        Verdict::Failed => "fail".to_owned(),
        Verdict::NotBuilt(drift) => format!("does not build\n{}", drift.table()),
    }
}

/// Copies the workspace `root`, as it is now, into the fresh folder `copy`, without what is built in `target`.
fn copy_workspace(root: &Path, copy: &Path, target: &Path) -> Result<()> {
    if copy.exists() {
        fs::remove_dir_all(copy).with_context(|| format!("remove {copy:?}"))?;
    }
    for path in files(root, target)? {
        let below = path.strip_prefix(root).context("a file outside the workspace")?;
        let to = copy.join(below);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).with_context(|| format!("make {folder:?}"))?;
        }
        fs::copy(&path, &to).with_context(|| format!("copy {path:?} to {to:?}"))?;
    }
    Ok(())
}

/// The files below `folder`, but for hidden ones and those of a target directory.
fn files(folder: &Path, target: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("list {folder:?}"))? {
        let entry = entry.with_context(|| format!("list {folder:?}"))?;
        let (name, path) = (entry.file_name(), entry.path());
        let kind = entry.file_type().with_context(|| format!("look at {path:?}"))?;
        if name.as_encoded_bytes().starts_with(b".") || name == "target" || path == target {
            continue;
        }
        if kind.is_dir() {
            files.extend(self::files(&path, target)?);
        } else if kind.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    //! The chosen majors are the LTS releases, and only sources are copied.

    use super::*;

    #[test]
    fn every_lts_release_is_the_default() {
        let versions = Versions::sample();
        assert_eq!(versions.select(&every_lts(&versions)).unwrap(), [36, 48]);
    }

    #[test]
    fn what_is_built_and_what_is_hidden_is_not_copied() {
        let root = crate::root().unwrap();
        let folder = root.join("xtask");
        let found = files(&folder, &folder.join("real")).unwrap();
        assert!(found.contains(&folder.join("src/lowest.rs")), "{found:?}");
        assert!(!found.iter().any(|path| path.starts_with(folder.join("real"))), "{found:?}");
        let hidden = |path: &PathBuf| path.components().any(|part| part.as_os_str() == ".git");
        assert!(!files(root, &root.join("target")).unwrap().iter().any(hidden));
    }
}
