//! `cargo xtask ports`: owns running the ports in examples/ports on given majors, and the comparison of what they write.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::process;
use crate::toolchain::{Chosen, Runnable};
use crate::versions::Versions;

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
            let output = output(root, name, newest)?;
            fs::write(&expected, output).with_context(|| format!("write {expected:?}"))?;
        }
        let expected = fs::read_to_string(&expected).with_context(|| format!("read {expected:?}"))?;
        for runnable in &chosen.runnable {
            let verdict = match output(root, name, runnable) {
                Ok(output) if output == expected => "ok".to_owned(),
                Ok(output) => difference(&expected, &output),
                Err(error) => format!("{error:#}"),
            };
            failed += usize::from(verdict != "ok");
            lines.push(format!("{name} on Wasmtime {}: {verdict}", runnable.major.major));
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

/// What a port writes to standard output on a major.
fn output(root: &Path, name: &str, runnable: &Runnable<'_>) -> Result<String> {
    let mut command = command(root, name, runnable);
    command.env("CARGO_TARGET_DIR", process::target_dir(root)?).stdin(Stdio::null()).stderr(Stdio::inherit());
    process::announce(&command);
    let output = command.output().with_context(|| format!("start {}", process::show(&command)))?;
    ensure!(output.status.success(), "ended with {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn command(root: &Path, name: &str, runnable: &Runnable<'_>) -> Command {
    let mut cargo = process::cargo_with(root, &runnable.toolchain);
    let manifest = format!("{FOLDER}/{name}/Cargo.toml");
    let features = format!("wasmtime-{}", runnable.major.major);
    cargo.args(["run", "--quiet", "--manifest-path", &manifest, "--features", &features]);
    cargo
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
        let runnable = Runnable { major: &versions.majors[0], toolchain };
        let shown = process::show(&command(Path::new("."), "it", &runnable));
        assert!(
            shown.ends_with(" run --quiet --manifest-path examples/ports/it/Cargo.toml --features wasmtime-18"),
            "{shown}"
        );
    }

    #[test]
    fn differences() {
        assert_eq!(difference("a\nb\n", "a\nc\n"), "line 2 is \"c\" instead of \"b\"");
        assert_eq!(difference("a\nb\n", "a\n"), "line 2 is \"nothing\" instead of \"b\"");
        assert_eq!(difference("a\n", "a\nb\n"), "there is a line too many: \"b\"");
    }
}
