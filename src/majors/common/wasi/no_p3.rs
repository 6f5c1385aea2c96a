//! What stands for WASI 0.3 in a major without it.

use super::StoreData;
use super::wasmtime::Result;
use super::wasmtime::component::Linker;
use crate::bounds::Data;

/// Whether the major is compiled in with WASI 0.3.
pub(super) const PRESENT: bool = false;

/// Adds nothing: no engine has asynchronous components.
pub(super) fn link<T: Data + Send>(_: &mut Linker<StoreData<T>>) -> Result<()> {
    Ok(())
}
