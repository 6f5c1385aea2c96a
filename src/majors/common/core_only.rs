//! What stands for asynchronous calls, components and WASI in a major of which only the core is compiled in.

use std::any::Any;

use super::common::StoreData;
use super::common::core::extern_ref;
use super::{compiler, references, wasmtime};
use crate::bounds::Data;
use crate::engine::{Config, Knobs, Parts, PoolingAllocationConfig};
use crate::error::Result;

pub(super) use self::host_async::AsyncParams;

pub(super) const PARTS: Parts = Parts { compiler: compiler::PRESENT, whole: false, p3: false };

holds_for_every_type!(Lower Lift LowerList LiftList);

no_resources!();

mod host_async {
    holds_for_every_type!(AsyncParams);
}

/// The WASI state of a store: none.
#[derive(Default)]
pub(super) struct WasiState;

/// Sets what only the whole has.
pub(super) fn configure(_: &mut wasmtime::Config, _: &Config, _: &Knobs) {}

/// Sets what of a pool only the whole has.
pub(super) fn limit_pool(_: &mut wasmtime::PoolingAllocationConfig, _: &PoolingAllocationConfig) {}

/// Limits the WASI state of a store.
pub(super) fn apply_limits<T: Data>(_: &mut wasmtime::Store<StoreData<T>>) {}

/// Installs an asynchronous limiter: there is none.
pub(super) fn apply_async_limiter<T: Data>(_: &mut wasmtime::Store<StoreData<T>>) -> bool {
    false
}

/// Goes on without yielding: there are no asynchronous calls.
pub(super) fn yielding(ticks: u64) -> wasmtime::UpdateDeadline {
    wasmtime::UpdateDeadline::Continue(ticks)
}

/// The exit code in an error: only WASI makes one.
pub(super) fn exit_code(_: &wasmtime::Error) -> Option<i32> {
    None
}

/// A new reference on an async engine: there are none.
pub(super) fn new_reference_now<R: Any + Send + Sync>(
    context: impl wasmtime::AsContextMut,
    value: R,
) -> Result<references::NewExternRef> {
    references::new(context, value).map_err(extern_ref::not_created)
}
