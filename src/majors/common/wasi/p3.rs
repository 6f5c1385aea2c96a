//! The interfaces of WASI 0.3.

use super::StoreData;
use super::wasmtime::Result;
use super::wasmtime::component::Linker;
use crate::bounds::Data;

/// Whether the major is compiled in with WASI 0.3.
pub(super) const PRESENT: bool = true;

pub(super) fn link<T: Data + Send>(linker: &mut Linker<StoreData<T>>) -> Result<()> {
    super::wasmtime_wasi::p3::add_to_linker(linker)
}
