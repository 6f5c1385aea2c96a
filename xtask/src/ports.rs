//! `cargo xtask ports`: owns running the ports in examples/ports on given majors, and the comparison of what they write.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::process;
use crate::toolchain::{self, Chosen, Runnable};
use crate::versions::Versions;

/// The ports that use two majors of one build, which run once more with the oldest and the newest of the chosen majors.
const OF_TWO_MAJORS: [&str; 1] = ["contract-runner"];

/// Where the ports are: a package each, outside the workspace.
pub(crate) const FOLDER: &str = "examples/ports";

/// Flags of `cargo xtask ports`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Majors to run on: numbers, ranges (24..=36), groups (lts), all; separated by commas
    #[arg(long, value_name = "LIST", default_value = "border")]
    majors: String,
    /// Writes the output of the newest chosen major to expected.txt before all others are compared with it
    #[arg(long)]
    bless: bool,
    /// The ports; all if none is given
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// Runs each port on each major, also after one that fails; fails if an output is not the expected one.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let chosen = Chosen::new(versions, &flags.majors)?.announce()?;
    let found = names(root)?;
    if let Some(unknown) = flags.names.iter().find(|name| !found.contains(name)) {
        bail!("there is no port {unknown:?} in {FOLDER}: there are {}", found.join(", "));
    }
    let mut lines = Vec::new();
    let mut failed = 0;
    for name in found.iter().filter(|name| flags.names.is_empty() || flags.names.contains(name)) {
        lock(root, name)?;
        let expected = root.join(FOLDER).join(name).join("expected.txt");
        if let (true, Some(newest)) = (flags.bless, chosen.runnable.last()) {
            let output = output(root, name, &[newest])?;
            fs::write(&expected, output).with_context(|| format!("write {expected:?}"))?;
        }
        let expected = fs::read_to_string(&expected).with_context(|| format!("read {expected:?}"))?;
        let mut builds: Vec<_> = chosen.runnable.iter().map(|runnable| vec![runnable]).collect();
        if OF_TWO_MAJORS.contains(&name.as_str()) {
            builds.extend(oldest_and_newest(&chosen.runnable));
        }
        for build in builds {
            let verdict = match output(root, name, &build) {
                Ok(output) if output == expected => "ok".to_owned(),
                Ok(output) => difference(&expected, &output),
                Err(error) => format!("{error:#}"),
            };
            failed += usize::from(verdict != "ok");
            let majors: Vec<_> = build.iter().map(|runnable| runnable.major.major.to_string()).collect();
            lines.push(format!("{name} on Wasmtime {}: {verdict}", majors.join(" and ")));
        }
    }
    for line in lines.into_iter().chain(chosen.not_run()) {
        println!("{line}");
    }
    ensure!(failed == 0, "{failed} runs of ports failed");
    Ok(())
}

/// The names of the ports, sorted.
pub(crate) fn names(root: &Path) -> Result<Vec<String>> {
    let folder = root.join(FOLDER);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("list {folder:?}"))? {
        let path = entry?.path();
        if let (true, Some(name)) = (path.join("Cargo.toml").is_file(), path.file_name()) {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Gives a port the versions of the workspace: cargo keeps what it needs of a lock file that it finds, and leaves the rest
/// out. A lock file of a port is not kept in the repository.
fn lock(root: &Path, name: &str) -> Result<()> {
    let (from, to) = (root.join("Cargo.lock"), root.join(FOLDER).join(name).join("Cargo.lock"));
    fs::copy(&from, &to).with_context(|| format!("copy {from:?} to {to:?}"))?;
    Ok(())
}

/// The oldest and the newest major that the toolchain of the oldest can build.
fn oldest_and_newest<'a, 'v>(runnable: &'a [Runnable<'v>]) -> Option<Vec<&'a Runnable<'v>>> {
    let oldest = runnable.first()?;
    let newest = runnable.iter().rfind(|newest| newest.toolchain == oldest.toolchain)?;
    (newest.major.major > oldest.major.major).then(|| vec![oldest, newest])
}

/// What a port writes to standard output in a build with these majors, which one toolchain can build.
fn output(root: &Path, name: &str, build: &[&Runnable<'_>]) -> Result<String> {
    let mut command = command(root, name, build)?;
    command.env("CARGO_TARGET_DIR", process::target_dir(root)?).stdin(Stdio::null()).stderr(Stdio::inherit());
    process::announce(&command);
    let output = command.output().with_context(|| format!("start {}", process::show(&command)))?;
    ensure!(output.status.success(), "ended with {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn command(root: &Path, name: &str, build: &[&Runnable<'_>]) -> Result<Command> {
    let toolchain = &build.first().context("no major to build with")?.toolchain;
    let majors: Vec<_> = build.iter().map(|runnable| runnable.major).collect();
    let mut cargo = process::cargo_with(root, toolchain);
    let manifest = format!("{FOLDER}/{name}/Cargo.toml");
    cargo.args(["run", "--quiet", "--manifest-path", &manifest, "--features", &toolchain::features("", &majors)]);
    Ok(cargo)
}

/// The first line that is another one than expected.
fn difference(expected: &str, output: &str) -> String {
    let mut lines = output.lines();
    for (index, expected) in expected.lines().enumerate() {
        let line = lines.next().unwrap_or("nothing");
        if line != expected {
            return format!("line {} is {line:?} instead of {expected:?}", index + 1);
        }
    }
    match lines.next() {
        Some(line) => format!("there is a line too many: {line:?}"),
        None => "the ends of lines differ".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    //! One major is on, and a difference is described.

    use semver::Version;

    use super::*;
    use crate::toolchain::Toolchain;

    #[test]
    fn one_major_and_its_toolchain() {
        let versions = Versions::sample();
        let toolchain = Toolchain { name: None, rustc: Version::new(1, 95, 0) };
        let runnable = |index: usize| Runnable { major: &versions.majors[index], toolchain: toolchain.clone() };
        let (oldest, next) = (runnable(0), runnable(1));
        let features = |build: &[&Runnable<'_>]| {
            let shown = process::show(&command(Path::new("."), "it", build).unwrap());
            let beginning = " run --quiet --manifest-path examples/ports/it/Cargo.toml --features ";
            shown.split_once(beginning).map(|(_, features)| features.to_owned())
        };
        assert_eq!(features(&[&oldest]).as_deref(), Some("wasmtime-18"));
        let both = format!("wasmtime-18,wasmtime-{}", next.major.major);
        assert_eq!(features(&[&oldest, &next]), Some(both));
        assert!(oldest_and_newest(&[runnable(0)]).is_none());
        assert_eq!(oldest_and_newest(&[oldest, next]).map(|build| build.len()), Some(2));
    }

    #[test]
    fn differences() {
        assert_eq!(difference("a\nb\n", "a\nc\n"), "line 2 is \"c\" instead of \"b\"");
        assert_eq!(difference("a\nb\n", "a\n"), "line 2 is \"nothing\" instead of \"b\"");
        assert_eq!(difference("a\n", "a\nb\n"), "there is a line too many: \"b\"");
    }
}
