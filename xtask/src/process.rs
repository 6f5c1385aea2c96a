//! Owns other programs: how they are named, printed, run, timed and watched.

use std::env;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;

use crate::toolchain::Toolchain;

/// What `cargo run` or the caller sets for one toolchain, and must not reach another.
const OF_A_TOOLCHAIN: [&str; 5] = ["CARGO", "RUSTC", "RUSTDOC", "RUSTFMT", "RUSTUP_TOOLCHAIN"];

/// What a watched program said, and how it ended.
#[derive(Debug)]
pub struct Watched {
    /// How it ended.
    pub status: ExitStatus,
    /// The lines of its standard output, then those of its standard error.
    pub lines: Vec<String>,
}

/// `cargo` in the folder `root`: the one this program was started by, so the same toolchain.
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// `cargo` of `toolchain` in the folder `root`. Two toolchains can share a target directory: cargo tells them apart.
pub fn cargo_with(root: &Path, toolchain: &Toolchain) -> Command {
    let Some(name) = &toolchain.name else { return cargo(root) };
    let mut command = Command::new("rustup");
    command.args(["run", name, "cargo"]).current_dir(root);
    for variable in OF_A_TOOLCHAIN {
        command.env_remove(variable);
    }
    command
}

/// Whether `cargo nextest` is installed.
pub fn has_nextest(root: &Path) -> bool {
    let status = cargo(root).args(["nextest", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Where cargo builds for the workspace `root`.
pub fn target_dir(root: &Path) -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let mut command = cargo(root);
    command.args(["metadata", "--format-version", "1", "--no-deps"]).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("start {}", show(&command)))?;
    ensure!(output.status.success(), "{} ended with {}", show(&command), output.status);
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).with_context(|| format!("read the answer of {}", show(&command)))?;
    Ok(metadata.target_directory)
}

/// Prints `command` to standard error and runs it; anything but success is an error.
pub fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().with_context(|| format!("start {}", show(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", quoted(name(command)));
    }
    Ok(())
}

/// Prints `command` to standard error and runs it; what it says goes to standard error, and into the result.
pub fn watch(command: &mut Command) -> Result<Watched> {
    announce(command);
    let shown = show(command);
    let context = || format!("watch {shown}");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("start {shown}"))?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(anyhow!("no pipes").context(context()));
    };
    // Both at once: a program that fills one pipe while the other is read would never end.
    let errors = thread::spawn(move || tee(stderr));
    let mut lines = tee(stdout).with_context(context)?;
    let errors = errors.join().map_err(|_| anyhow!("the reader of standard error panicked")).with_context(context)?;
    lines.extend(errors.with_context(context)?);
    Ok(Watched { status: child.wait().with_context(context)?, lines })
}

/// Prints `command` to standard error, as it could be typed.
pub fn announce(command: &Command) {
    eprintln!("$ {}", show(command));
}

/// `command` as it could be typed into a shell; the folder of the program is left out.
pub fn show(command: &Command) -> String {
    let mut out = quoted(name(command));
    for arg in command.get_args() {
        write!(out, " {}", quoted(arg)).expect("write to a string");
    }
    out
}

/// The program of `command`, without its folder and extension.
fn name(command: &Command) -> &OsStr {
    Path::new(command.get_program()).file_stem().unwrap_or(command.get_program())
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+,./:@%\\".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Copies `from` to standard error line by line, and returns the lines.
fn tee(from: impl Read) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        io::stderr().write_all(&line)?;
        lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        line.clear();
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    //! What is printed can be typed.

    use semver::Version;

    use super::*;

    #[test]
    fn another_toolchain_is_run_by_rustup() {
        let toolchain = |name: Option<&str>| Toolchain { name: name.map(str::to_owned), rustc: Version::new(1, 97, 0) };
        let nightly = cargo_with(Path::new("."), &toolchain(Some("nightly")));
        assert_eq!(show(&nightly), "rustup run nightly cargo");
        assert!(nightly.get_envs().any(|(name, value)| name == "RUSTUP_TOOLCHAIN" && value.is_none()));
        let active = cargo_with(Path::new("."), &toolchain(None));
        assert_eq!((show(&active), active.get_envs().count()), (show(&cargo(Path::new("."))), 0));
    }

    #[test]
    fn shown_commands_are_quoted_where_needed() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["run", "a b", "it's", "", "--x=1,2"]);
        assert_eq!(show(&command), r"cargo run 'a b' 'it'\''s' '' --x=1,2");
    }
}
