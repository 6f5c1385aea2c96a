//! Core modules.

mod bounds;
mod func;
mod instance;
mod linker;
mod memory;
mod module;

use super::engine::precompiled;
use super::whole::AsyncParams;
use super::{StoreData, V, compiler, error, host_error, wasmtime};

#[doc(hidden)]
pub use self::bounds::{HostParams, HostResults, Params, Results, Scalar};
