//! Hooks of calls, 23 and later: the hook gets the store, from 50 on for reading.

use super::common::StoreData;
use super::wasmtime::{CallHook, Result, Store};

pub(super) fn set<T: 'static>(
    store: &mut Store<StoreData<T>>,
    mut hook: impl FnMut(&mut T, CallHook) -> Result<()> + Send + Sync + 'static,
) {
    store.call_hook(move |mut state, call| hook(state.data_mut().data_mut(), call));
}
