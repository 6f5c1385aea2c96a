//! Hooks of calls, 18 to 22: the hook gets the data.

use super::common::StoreData;
use super::wasmtime::{CallHook, Result, Store};

pub(super) fn set<T: 'static>(
    store: &mut Store<StoreData<T>>,
    mut hook: impl FnMut(&mut T, CallHook) -> Result<()> + Send + Sync + 'static,
) {
    store.call_hook(move |data, call| hook(data.data_mut(), call));
}
