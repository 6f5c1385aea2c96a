//! Core modules.

mod any_ref;
mod bounds;
mod callers;
pub(in super::super) mod core_dump;
pub(in super::super) mod definitions;
pub(in super::super) mod extern_ref;
pub(in super::super) mod externs;
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
    MAJOR, StoreData, V, caller_exports, compiler, core_dumps, error, func_types, gc, heap_types, host_error, images,
    memory_types, new_tags, references, roots, table_types, tags, unknown_imports, wasmtime, whole,
};

#[doc(hidden)]
pub use self::bounds::{HostParams, HostResults, Params, Results, Scalar};
