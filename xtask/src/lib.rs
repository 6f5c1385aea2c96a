//! What the chores share with the tools beside other packages: `versions.toml`, toolchains, processes and the registry.

pub mod digest;
pub mod lock;
pub mod process;
pub mod registry;
mod select;
pub mod switches;
pub mod toolchain;
pub mod versions;

use std::path::Path;

use anyhow::{Context, Result};

/// The folder of the workspace.
///
/// # Errors
/// If this package is not below a workspace.
pub fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("find the workspace above xtask")
}
