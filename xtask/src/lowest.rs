//! `cargo xtask lowest`: owns the promise that `requires` in versions.toml makes, tried on that very release.
//!
//! It works in a copy of the workspace, pinned to these releases: the workspace itself keeps its lock.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::suite::{self, Verdict};
use crate::toolchain::Chosen;
use crate::versions::{Major, Versions};
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
    let nextest = process::has_nextest(root);
    let mut lines = Vec::new();
    let mut bad = Vec::new();
    for runnable in &chosen.runnable {
        let version = &runnable.major.requires;
        let verdict = match pin(&copy, runnable.major) {
            Err(error) => Err(format!("cannot be locked: {error:#}")),
            Ok(()) if flags.dry_run => Ok(format!("locked; would be built with {}", runnable.toolchain)),
            Ok(()) => {
                let mut command = suite::command(&copy, &runnable.toolchain, nextest, runnable.major.major);
                // What is not of Wasmtime is the same, and already built there.
                match suite::run(command.env("CARGO_TARGET_DIR", &target))? {
                    Verdict::Passed => Ok("pass".to_owned()),
                    Verdict::Failed => Err("fail".to_owned()),
                    Verdict::NotBuilt(drift) => Err(format!("does not build\n{}", drift.table())),
                }
            }
        };
        if verdict.is_err() {
            bad.push(version.to_string());
        }
        let (Ok(text) | Err(text)) = verdict;
        lines.push(format!("Wasmtime {version}: {text}"));
    }
    for line in lines.into_iter().chain(chosen.not_run()) {
        println!("{line}");
    }
    if !bad.is_empty() {
        bail!(
            "Wasmtime {} is promised by `requires` in versions.toml: mend it there, or keep the promise",
            bad.join(", ")
        );
    }
    Ok(())
}

/// Pins `major` at its lowest accepted version in the workspace `copy`.
fn pin(copy: &Path, major: &Major) -> Result<()> {
    let locked =
        pins::set(copy, std::slice::from_ref(&major.requires)).and_then(|versions| pins::locked(copy, &versions));
    if locked.is_err() {
        // So that the next major can be tried.
        pins::set(copy, std::slice::from_ref(&major.pin))?;
    }
    locked
}

/// The LTS releases as a list that `--majors` takes.
fn every_lts(versions: &Versions) -> String {
    let numbers: Vec<String> =
        versions.majors.iter().filter(|major| major.lts()).map(|major| major.major.to_string()).collect();
    numbers.join(",")
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
