//! The body of a major's core: what [`CoreWasmtime`] means in terms of that major's crates. Mounted under each major, so
//! `super` is the major and its seams. Files have the names of those that declare what they implement. The rest of the
//! body is in `whole.rs`.

use super::{
    MAJOR, V, backtraces, call_hooks, caller_exports, compiler, concurrency, core_dumps, func_types, gc, heap_types,
    hooks, images, inlining, memory_types, new_tags, pool_errors, pooling, protection_keys, references, roots,
    shared_memory, switches, table_types, tags, unknown_imports, wasmtime, wasmtime_environ, whole,
};

mod borrowing;
pub(super) mod core;
pub(super) mod engine;
pub(super) mod error;
pub(super) mod store;

use crate::engine::{Config, Engines};
use crate::report::RuntimeReport;
use crate::sealed::Sealed;
use crate::wasmtime::CoreWasmtime;

pub use self::borrowing::{AsContext, AsContextMut};
pub(super) use self::core::types;
#[doc(hidden)]
pub use self::core::{HostParams, HostResults, Params, Results, Scalar};
pub(super) use self::error::host as host_error;
pub use self::store::StoreData;

impl Sealed for V {}

impl CoreWasmtime for V {
    const MAJOR: u64 = MAJOR;

    fn report() -> RuntimeReport {
        let engine = engine::new(&Config::new()).ok();
        RuntimeReport::new(
            MAJOR,
            engine::version(),
            engine.as_ref().and_then(compiler::fingerprint),
            <V as Engines>::PARTS,
        )
    }
}
