//! Owns the question which majors the active Rust toolchain can build.

use std::env;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use semver::Version;

use crate::versions::{Major, Versions};

/// Chosen majors, by whether the active toolchain can build them.
#[derive(Debug)]
pub(crate) struct Chosen<'a> {
    /// Those it can, oldest first.
    pub(crate) runnable: Vec<&'a Major>,
    /// Those it is too old for, oldest first.
    pub(crate) left_out: Vec<&'a Major>,
}

impl<'a> Chosen<'a> {
    /// The majors that `list` names (see [`Versions::select`]), against the active `rustc`.
    pub(crate) fn new(versions: &'a Versions, list: &str) -> Result<Self> {
        Self::with(versions, list, &rustc()?)
    }

    /// The same, against `rustc` of a given version.
    fn with(versions: &'a Versions, list: &str, rustc: &Version) -> Result<Self> {
        let numbers = versions.select(list)?;
        let mut chosen = Self { runnable: Vec::new(), left_out: Vec::new() };
        for major in versions.majors.iter().filter(|major| numbers.contains(&major.major)) {
            if major.needs_rust()? <= *rustc {
                chosen.runnable.push(major);
            } else {
                chosen.left_out.push(major);
            }
        }
        Ok(chosen)
    }

    /// Prints a line for every major left out, and fails if none is left.
    pub(crate) fn announce(self) -> Result<Self> {
        for line in self.not_run() {
            eprintln!("{line}");
        }
        ensure!(!self.runnable.is_empty(), "no chosen major can be built by the active rustc");
        Ok(self)
    }

    /// A line for every major left out.
    pub(crate) fn not_run(&self) -> impl Iterator<Item = String> + '_ {
        self.left_out.iter().map(|major| format!("not run: Wasmtime {} {}", major.major, reason(major)))
    }

    /// Cargo features that turn the runnable majors on, each after `prefix`, joined by commas.
    pub(crate) fn features(&self, prefix: &str) -> String {
        let names: Vec<_> = self.runnable.iter().map(|major| format!("{prefix}wasmtime-{}", major.major)).collect();
        names.join(",")
    }
}

/// Why `major` is left out.
pub(crate) fn reason(major: &Major) -> String {
    format!("needs rustc {}", major.rust)
}

/// The version of the active `rustc`.
fn rustc() -> Result<Version> {
    let program = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&program).arg("--version").output().with_context(|| format!("start {program:?}"))?;
    ensure!(output.status.success(), "{program:?} --version ended with {}", output.status);
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// Reads `rustc 1.95.0 (59807616e 2026-04-14)`. A nightly counts as the release it leads to.
fn parse(text: &str) -> Result<Version> {
    let word = text.split_whitespace().nth(1).with_context(|| format!("no version in {text:?}"))?;
    let version: Version = word.parse().with_context(|| format!("read the version in {text:?}"))?;
    Ok(Version::new(version.major, version.minor, version.patch))
}

#[cfg(test)]
mod tests {
    //! Majors are left out by their rust-version, and only by it.

    use super::*;

    #[test]
    fn version_lines() {
        assert_eq!(parse("rustc 1.95.0 (59807616e 2026-04-14)\n").unwrap(), Version::new(1, 95, 0));
        assert_eq!(parse("rustc 1.97.0-nightly (abc 2026-05-01)").unwrap(), Version::new(1, 97, 0));
        assert!(parse("rustc").is_err());
    }

    #[test]
    fn majors_that_need_a_newer_rustc_are_left_out() {
        let versions = Versions::sample();
        let chosen = Chosen::with(&versions, "all", &Version::new(1, 80, 0)).unwrap();
        let numbers = |majors: &[&Major]| majors.iter().map(|major| major.major).collect::<Vec<_>>();
        assert_eq!(numbers(&chosen.runnable), [18, 20]);
        assert_eq!(numbers(&chosen.left_out), [36, 48]);
        assert_eq!(chosen.features("x/"), "x/wasmtime-18,x/wasmtime-20");
        assert_eq!(chosen.not_run().last().unwrap(), "not run: Wasmtime 48 needs rustc 1.95");
        assert!(Chosen::with(&versions, "48", &Version::new(1, 80, 0)).unwrap().announce().is_err());
    }
}
