//! How references stay alive in the hands of a host, 37 and later: Wasmtime has objects that keep them alive.

use super::common::StoreData;
use super::wasmtime::{
    AsContextMut as _, GcRef, OwnedRooted, Result, RootScope, Rooted, StoreContext, StoreContextMut,
};
use crate::bounds::Data;

/// A reference that stays alive with this object.
pub(super) type Root<R> = OwnedRooted<R>;

/// The references that hosts hold of a store: Wasmtime's own store has the list.
#[derive(Default)]
pub(super) struct Roots;

/// The store, for as long as references are converted.
#[inline]
pub(super) fn scope<'a, T: Data>(
    context: &'a mut StoreContextMut<'_, StoreData<T>>,
) -> RootScope<StoreContextMut<'a, StoreData<T>>> {
    RootScope::new(context.as_context_mut())
}

/// Keeps a reference alive beyond the scope that is open.
pub(super) fn keep<T: Data, R: GcRef>(
    reference: Rooted<R>,
    context: StoreContextMut<'_, StoreData<T>>,
) -> Result<Root<R>> {
    reference.to_owned_rooted(context)
}

pub(super) fn eq<T: Data, R: GcRef>(context: StoreContext<'_, StoreData<T>>, a: &Root<R>, b: &Root<R>) -> Result<bool> {
    Rooted::ref_eq(context, a, b)
}

/// Gives back what no host holds any more: nothing to do here.
pub(super) fn give_back<T>(_: &mut StoreContextMut<'_, StoreData<T>>) {}
