//! Owns the flags of `upgrade`.

use std::path::PathBuf;

use clap::Args;

use crate::args::ExecutionArgs;

#[derive(Args, Debug)]
pub(crate) struct UpgradeArgs {
    /// The release in use: a major, in this binary or not, or an exact version
    #[arg(long, value_name = "N")]
    pub(crate) from: String,
    /// The release to move to: a major, in this binary or not, or an exact version
    #[arg(long, value_name = "N", default_value = "newest")]
    pub(crate) to: String,
    /// Guests that the host runs
    pub(crate) guests: Vec<PathBuf>,
    /// Also read the Rust sources of the host in this folder, and list what they use of `wasmtime` and `wasmtime-wasi` that
    /// changes
    #[arg(long, value_name = "DIR")]
    pub(crate) sources: Option<PathBuf>,
    /// Also run each guest on both majors, with these options, and put first what differs
    #[arg(long = "try", requires = "guests")]
    pub(crate) try_runs: bool,
    /// Print the page as Markdown
    #[arg(long, conflicts_with_all = ["on", "html"])]
    pub(crate) markdown: bool,
    /// Print the page as HTML, one file that needs nothing from elsewhere
    #[arg(long, conflicts_with = "on")]
    pub(crate) html: bool,
    #[command(flatten)]
    pub(crate) execution: ExecutionArgs,
}
