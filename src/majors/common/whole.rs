//! What only the whole of a major has: asynchronous calls, components and WASI. `core_only.rs` is mounted in its place while
//! there is only the core.

mod component;
#[path = "core/asynchronous.rs"]
mod core;
#[path = "engine/whole.rs"]
mod engine;
#[path = "store/asynchronous.rs"]
mod store;
mod wasi;

use super::common::core::memory;
use super::common::error;
#[allow(unused_imports, reason = "up to 19 directories are opened without Wasmtime")]
pub(super) use super::common::error::io as io_error;
#[allow(unused_imports, reason = "not every major has its calls checked here")]
pub(super) use super::common::error::no_memory;
use super::common::store::limited;
use super::common::{HostParams, Params, Results, types};
pub(super) use super::common::{HostResults, StoreData, host_error};
pub(super) use super::host_async::{self, AsyncParams};
use super::{
    MAJOR, V, async_references, component_images, dynamic, exports, forward, func_parts, handles, host_funcs, linking,
    lists, names, p1, p1_calls, p2_calls, p3, preopen, references, reflection, roots, sockets, values, view, wasmtime,
    web, whole_switches,
};
use crate::engine::Parts;
use crate::wasmtime::Wasmtime;

#[allow(unused_imports, reason = "from 23 on exports are found without the type of the component")]
pub(super) use self::component::has_export;
#[allow(unused_imports, reason = "from 25 on destructors can wait")]
pub(super) use self::component::poll_destructor;
#[doc(hidden)]
pub use self::component::{
    Lift, LiftList, Lower, LowerList, RawResourceAny, RawResourceType, dynamic_resource_type, forward_value,
    host_resource_type, resource_is_owned, resource_type_of,
};
pub(super) use self::component::{RawDynamic, Signature};
pub(super) use self::core::new_reference_now;
pub(super) use self::engine::{configure, limit_pool};
pub(super) use self::store::{apply_async_limiter, yielding};
#[allow(unused_imports, reason = "not every major has its calls checked here")]
pub(super) use self::wasi::{
    Input, Output, Random, WasiState, apply_limits, at_once, calls_of_nothing, checked_calls, closed, drop_pollables,
    exit_code, expect_pollables, failed, finish_poll, limit_calls, limit_handles, limit_random, link_clock,
    link_clock_alone, mended_calls, nothing, opened, polls_leave_pollables, read_poll,
};

pub(super) const PARTS: Parts = Parts { compiler: true, whole: true, p3: p3::PRESENT };

impl Wasmtime for V {}
