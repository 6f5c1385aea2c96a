//! Core modules.

mod bounds;
pub(in super::super) mod definitions;
mod externs;
pub(in super::super) mod func;
mod global;
mod instance;
mod linker;
pub(in super::super) mod memory;
mod module;
mod shared_memory;
pub(in super::super) mod table;
mod tag;
pub(in super::super) mod types;
pub(in super::super) mod value;

use super::engine::precompiled;
use super::whole::AsyncParams;
use super::{
    MAJOR, StoreData, V, compiler, error, func_types, heap_types, host_error, memory_types, new_tags, table_types,
    tags, unknown_imports, wasmtime,
};

#[doc(hidden)]
pub use self::bounds::{HostParams, HostResults, Params, Results, Scalar};
