//! A runner of functions: JSON in, JSON out, and a profile of the guest if asked. Without arguments the demonstration runs.

mod abi;
mod arguments;
mod context;
mod demo;
mod report;
mod runner;

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};

use anyhow::Context as _;
use guest_profiler::Profile;
use wasmtime_compat::Newest;

use crate::arguments::Arguments;
use crate::runner::Function;

fn main() -> anyhow::Result<()> {
    match Arguments::parse(std::env::args().skip(1))? {
        Some(arguments) => run(&arguments),
        None => demo::run::<Newest>(&mut io::stdout().lock()),
    }
}

/// Runs the function in a file with the input on standard input.
fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let wasm = fs::read(&arguments.function).with_context(|| format!("read {:?}", arguments.function))?;
    let mut input = Vec::new();
    io::stdin().lock().read_to_end(&mut input).context("read standard input")?;
    let name = arguments.function.display().to_string();
    let function = Function { name: &name, wasm: &wasm, export: &arguments.export, profiling: arguments.profiling };
    let report = function.run::<Newest>(&input)?;
    if let (Some(path), Some(profile)) = (&arguments.profile, &report.profile) {
        let mut file = BufWriter::new(File::create(path).with_context(|| format!("create {path:?}"))?);
        match path.extension() {
            Some(extension) if extension == "json" => write_speedscope(profile, &name, &mut file)?,
            _ => profile.write_folded(&mut file)?,
        }
        file.flush()?;
    }
    print!("{report}");
    anyhow::ensure!(report.is_success(), "the function failed");
    Ok(())
}

fn write_speedscope(profile: &Profile, name: &str, writer: &mut impl Write) -> anyhow::Result<()> {
    profile.write_speedscope(name, &mut *writer)?;
    writeln!(writer)?;
    Ok(())
}
