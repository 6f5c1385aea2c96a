//! The one body of every major: what [`Wasmtime`] means in terms of that major's crates. Mounted under each major,
//! so `super` is the major and its seams. Files have the names of those that declare what they implement.

use super::{
    MAJOR, V, backtraces, exports, func_types, heap_types, host_async, memory_types, names, p1, p1_calls, p2_calls,
    preopen, shared_memory, switches, table_types, tags, unknown_imports, view, wasmtime,
};

mod component;
mod core;
mod engine;
mod error;
mod store;
mod wasi;

use crate::engine::Config;
use crate::report::RuntimeReport;
use crate::sealed::Sealed;
use crate::wasmtime::{CoreWasmtime, Wasmtime};

#[doc(hidden)]
pub use self::component::{Lift, LiftList, Lower, LowerList};
pub(super) use self::core::types;
#[doc(hidden)]
pub use self::core::{HostParams, HostResults, Params, Results, Scalar};
pub(super) use self::error::host as host_error;
#[allow(unused_imports, reason = "up to 19 directories are opened without Wasmtime")]
pub(super) use self::error::io as io_error;
#[allow(unused_imports, reason = "not every major has its calls checked here")]
pub(super) use self::error::no_memory;
pub use self::store::StoreData;
#[allow(unused_imports, reason = "not every major has its calls checked here")]
pub(super) use self::wasi::{
    Input, Output, at_once, checked_calls, closed, drop_pollables, expect_pollables, limit_calls, limit_handles,
    limit_random, mended_calls, nothing, opened,
};

impl Sealed for V {}

impl CoreWasmtime for V {
    const MAJOR: u64 = MAJOR;

    fn report() -> RuntimeReport {
        let fingerprint = engine::new(&Config::new()).map(|engine| engine::fingerprint(&engine));
        RuntimeReport::new(MAJOR, engine::version(), fingerprint.unwrap_or_default())
    }
}

impl Wasmtime for V {}
