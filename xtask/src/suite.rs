//! Owns a run of the suite on one major, built alone.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::drift::Drift;
use crate::process;
use crate::toolchain::Toolchain;

/// The programs that the suite consists of.
pub(crate) const PROGRAMS: [&str; 2] = ["--test", "conformance_*"];

/// How a run of the suite ended.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// Every test passed.
    Passed,
    /// A test failed, or none could be run.
    Failed,
    /// It does not compile, and this is where.
    NotBuilt(Drift),
}

/// Runs `command`, made by [`command`] below.
pub(crate) fn run(command: &mut Command) -> Result<Verdict> {
    let watched = process::watch(command)?;
    if watched.status.success() {
        return Ok(Verdict::Passed);
    }
    let drift = Drift::read(&watched.lines);
    Ok(if drift.is_empty() { Verdict::Failed } else { Verdict::NotBuilt(drift) })
}

/// Builds the suite below `root` with only `major` and runs it, with nextest or without. What it prints can be read
/// by a program: no colour is in it, whatever the caller's environment says.
pub(crate) fn command(root: &Path, toolchain: &Toolchain, nextest: bool, major: u64) -> Command {
    let mut command = process::cargo_with(root, toolchain);
    choose(&mut command, nextest, major);
    command.args(["--no-fail-fast", "--color", "never"]);
    if !nextest {
        command.args(["--", "--color", "never"]);
    }
    command
}

/// Has `cargo` test the suite with only `major`; how it shows what happens is left to the caller.
pub(crate) fn choose(cargo: &mut Command, nextest: bool, major: u64) {
    cargo.args(if nextest { &["nextest", "run"][..] } else { &["test"] });
    cargo.args(["-p", "compat-tests", "--features", &format!("wasmtime-{major}")]).args(PROGRAMS);
}

#[cfg(test)]
mod tests {
    //! Exactly one major is on, built by the toolchain asked for.

    use semver::Version;

    use super::*;

    #[test]
    fn one_major_and_its_toolchain() {
        let toolchain = Toolchain { name: Some("nightly".into()), rustc: Version::new(1, 97, 0) };
        let shown = process::show(&command(Path::new("."), &toolchain, true, 50));
        assert_eq!(
            shown,
            "rustup run nightly cargo nextest run -p compat-tests --features wasmtime-50 \
             --test 'conformance_*' --no-fail-fast --color never"
        );
        let shown = process::show(&command(Path::new("."), &toolchain, false, 50));
        assert!(shown.ends_with(" --test 'conformance_*' --no-fail-fast --color never -- --color never"), "{shown}");
    }
}
