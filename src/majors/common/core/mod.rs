//! Core modules.

mod asynchronous;
mod bounds;
mod definitions;
mod externs;
mod func;
mod global;
mod instance;
mod linker;
mod memory;
mod module;
mod shared_memory;
mod table;
mod tag;
pub(in super::super) mod types;
mod value;

use super::engine::precompiled;
use super::{
    MAJOR, StoreData, V, error, func_types, heap_types, host_async, host_error, memory_types, table_types, tags,
    wasmtime,
};

#[doc(hidden)]
pub use self::bounds::{HostParams, HostResults, Params, Results, Scalar};
