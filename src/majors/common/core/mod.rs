//! Core modules.

mod asynchronous;
mod bounds;
mod func;
mod instance;
mod linker;
mod memory;
mod module;
mod shared_memory;
pub(in super::super) mod types;

use super::engine::precompiled;
use super::{
    MAJOR, StoreData, V, error, func_types, heap_types, host_async, host_error, memory_types, table_types, tags,
    unknown_imports, wasmtime,
};

#[doc(hidden)]
pub use self::bounds::{HostParams, HostResults, Params, Results, Scalar};
