//! `cargo xtask adapters`, `components`, `corpus` and `interfaces`: owns starting the tools beside the guest crate.
//!
//! They are a package of their own, which is built when one of them is asked for: this one must build without any other
//! package of the workspace.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use clap::Args;

use crate::process;

/// The package with the tools.
const PACKAGE: &str = "wasmtime-compat-guest-tools";

/// Flags of a tool.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Passed on to the tool, which lists its flags with --help
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    args: Vec<OsString>,
}

/// Builds and runs the tool `name`.
pub(crate) fn run(root: &Path, name: &str, flags: &Flags) -> Result<()> {
    let mut command = process::cargo(root);
    command.args(["run", "--quiet", "--package", PACKAGE, "--", name]).args(&flags.args);
    process::run(&mut command)
}
