//! Owns the report of a run, and how it is shown.

use std::fmt;

use guest_profiler::Profile;
use serde_json::Value;
use wasmtime_compat::Error;

pub struct Report {
    pub name: String,
    /// The size of the module, in bytes.
    pub size: usize,
    /// The most memory that the function had, in bytes.
    pub memory_usage: usize,
    /// The fuel that the function has used.
    pub instructions: u64,
    pub logs: String,
    /// The output, the output that is not JSON, or why there is none.
    pub output: anyhow::Result<Result<Value, (Vec<u8>, serde_json::Error)>>,
    pub profile: Option<Profile>,
}

impl Report {
    pub fn is_success(&self) -> bool {
        matches!(self.output, Ok(Ok(_)))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "function: {} ({} bytes)", self.name, self.size)?;
        writeln!(f, "memory: {} KiB", self.memory_usage / 1024)?;
        writeln!(f, "instructions: {}", self.instructions)?;
        for line in self.logs.lines() {
            writeln!(f, "log: {line}")?;
        }
        match &self.output {
            Ok(Ok(output)) => writeln!(f, "output: {output}"),
            Ok(Err((output, error))) => writeln!(f, "output: not JSON: {error}: {:?}", String::from_utf8_lossy(output)),
            Err(error) => failure(f, error),
        }
    }
}

/// Why a function failed, and where.
fn failure(f: &mut fmt::Formatter<'_>, error: &anyhow::Error) -> fmt::Result {
    let Some(error) = error.downcast_ref::<Error>() else { return writeln!(f, "failed: {error:#}") };
    match (error.exit_code(), error.trap()) {
        (Some(code), _) => writeln!(f, "failed: the function exited with code {code}")?,
        (_, Some(trap)) => writeln!(f, "failed: {}: {trap:?}", error.kind())?,
        _ => writeln!(f, "failed: {}: {error:#}", error.kind())?,
    }
    for frame in error.wasm_backtrace().into_iter().flat_map(|backtrace| backtrace.frames()) {
        let name = frame.function.as_deref().unwrap_or("?");
        writeln!(f, "  at {}!{name}", frame.module.as_deref().unwrap_or("?"))?;
    }
    Ok(())
}
