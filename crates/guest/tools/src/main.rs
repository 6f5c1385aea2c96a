//! The tools beside `wasmtime-compat-guest`: they write its tables, and check its reports on real adapters and components.
//! `cargo xtask` starts them.

mod adapter_guests;
mod adapter_treatments;
mod adapters;
mod adapters_check;
mod adapters_flaws;
mod adapters_readapt;
mod components;
mod corpus;
mod interfaces;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The tools beside wasmtime-compat-guest.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// One tool each.
#[derive(Debug, Subcommand)]
enum Command {
    /// Writes the tables of published adapters anew from the registry, and says what is new
    Adapters(adapters::Flags),
    /// Inspects real components: one that is published, and ones made by componentize-py and componentize-js
    Components(components::Flags),
    /// Removes from the fuzz corpus what shows nothing that the rest does not
    Corpus(corpus::Flags),
    /// Writes the table of WASI 0.2's interfaces anew from the newest adapter
    Interfaces(interfaces::Flags),
}

fn main() -> Result<()> {
    let root = xtask::root()?;
    match Cli::parse().command {
        Command::Adapters(flags) => adapters::run(root, &flags),
        Command::Components(flags) => components::run(root, &flags),
        Command::Corpus(flags) => corpus::run(root, &flags),
        Command::Interfaces(flags) => interfaces::run(root, &flags),
    }
}
