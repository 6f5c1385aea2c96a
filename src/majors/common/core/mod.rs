//! Core modules.

mod asynchronous;
mod func;
mod instance;
mod linker;
mod memory;
mod module;

use super::engine::precompiled;
use super::{StoreData, V, bounds, error, host_async, wasmtime};
