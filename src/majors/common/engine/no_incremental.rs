//! What stands for incremental compilation in a major without Cranelift: an error that names what is missing.

use std::sync::Arc;

use super::{MAJOR, wasmtime};
use crate::engine::{CacheStore, Part};
use crate::error::Result;

#[allow(dead_code, reason = "a major without a compiler refuses it before")]
pub(super) fn set(_: &mut wasmtime::Config, _: &Arc<dyn CacheStore>) -> Result<()> {
    Err(Part::Compiler.missing(MAJOR, "incremental compilation"))
}
