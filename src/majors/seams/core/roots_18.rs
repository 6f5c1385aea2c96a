//! How references stay alive in the hands of a host, 18 and 19: they count themselves.

use super::common::StoreData;
use super::wasmtime::{AsContextMut as _, StoreContextMut};

/// The references that hosts hold of a store: those of this major need no list.
#[derive(Default)]
pub(super) struct Roots;

/// The store, for as long as references are converted.
#[inline]
pub(super) fn scope<'a, T>(context: &'a mut StoreContextMut<'_, StoreData<T>>) -> StoreContextMut<'a, StoreData<T>> {
    context.as_context_mut()
}

/// Gives back what no host holds any more: nothing to do here.
pub(super) fn give_back<T>(_: &mut StoreContextMut<'_, StoreData<T>>) {}
