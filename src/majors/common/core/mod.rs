//! Core modules.

mod asynchronous;
mod bounds;
mod func;
mod instance;
mod linker;
mod memory;
mod module;

use super::engine::precompiled;
use super::{StoreData, V, error, host_async, host_error, wasmtime};

#[doc(hidden)]
pub use self::bounds::{HostParams, HostResults, Params, Results, Scalar};
