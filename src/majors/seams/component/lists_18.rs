//! Reading lists of components, 18 to 46: an iterator.

use super::wasmtime::component::{Lift, WasmList};
use super::wasmtime::{Result, StoreContextMut};
use crate::bounds::Data;

/// The elements of a list in a component's memory.
#[allow(dead_code, reason = "not every major has its calls checked here")]
pub(super) fn items<T: Lift + 'static, U: Data>(list: &WasmList<T>, store: StoreContextMut<'_, U>) -> Result<Vec<T>> {
    list.iter(store).collect()
}
