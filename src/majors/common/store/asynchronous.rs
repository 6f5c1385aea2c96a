//! What stores have for asynchronous calls only.

use super::{StoreData, V, error, wasmtime};
use crate::backend::AsyncStores;
use crate::bounds::Data;
use crate::error::{ErrorKind, Result};
use crate::store::Limiter;

impl AsyncStores for V {
    fn fuel_async_yield_interval<T: Data + Send>(
        context: &mut Self::StoreContextMut<'_, T>,
        interval: Option<u64>,
    ) -> Result<()> {
        context
            .fuel_async_yield_interval(interval)
            .map_err(|raw| error::classify(raw, ErrorKind::Config, "cannot set the fuel after which a guest yields"))
    }
}

/// Installs the asynchronous limiter of the user, if there is one.
pub(in super::super) fn apply_async_limiter<T: Data>(store: &mut wasmtime::Store<StoreData<T>>) -> bool {
    let is_async = matches!(store.data_mut().limits_mut(), (.., Some(Limiter::Async(_))));
    if is_async {
        store.limiter_async(limiter_mut);
    }
    is_async
}

/// The limits, and the asynchronous limiter of the user.
fn limiter_mut<T>(data: &mut StoreData<T>) -> &mut dyn wasmtime::ResourceLimiterAsync {
    match data.limits_mut() {
        (gate, user, Some(Limiter::Async(find))) => gate.open_with_async(find(user)),
        (gate, ..) => gate.open(),
    }
}

/// Yields to the async runtime, then goes on for so many ticks.
pub(in super::super) fn yielding(ticks: u64) -> wasmtime::UpdateDeadline {
    wasmtime::UpdateDeadline::Yield(ticks)
}
