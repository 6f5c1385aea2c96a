//! What stands for compiling in a major without a code generator: errors that name what is missing.

use super::{MAJOR, wasmtime};
use crate::engine::{Config, Knobs, Part};
use crate::error::Result;

pub(super) const PRESENT: bool = false;

pub(super) fn configure(_: &mut wasmtime::Config, _: &Config, _: &Knobs) -> Result<()> {
    Ok(())
}

pub(super) fn compile_module(_: &wasmtime::Engine, _: &[u8]) -> Result<wasmtime::Module> {
    Err(Part::Compiler.missing(MAJOR, "compiling a guest"))
}

pub(super) fn precompile_module(_: &wasmtime::Engine, _: &[u8]) -> Result<Vec<u8>> {
    Err(Part::Compiler.missing(MAJOR, "compiling a guest"))
}

pub(super) fn serialize_module(_: &wasmtime::Module) -> Result<Vec<u8>> {
    Err(Part::Compiler.missing(MAJOR, "serializing a module"))
}

/// Wasmtime derives it from the code generator.
pub(super) fn fingerprint(_: &wasmtime::Engine) -> Option<u64> {
    None
}
