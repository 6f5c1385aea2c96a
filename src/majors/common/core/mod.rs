//! Core modules.

mod bounds;
mod func;
mod instance;
mod linker;
pub(in super::super) mod memory;
mod module;
mod shared_memory;
pub(in super::super) mod types;

use super::engine::precompiled;
use super::whole::AsyncParams;
use super::{
    MAJOR, StoreData, V, compiler, error, func_types, heap_types, host_error, memory_types, table_types, tags,
    unknown_imports, wasmtime,
};

#[doc(hidden)]
pub use self::bounds::{HostParams, HostResults, Params, Results, Scalar};
