//! How references stay alive in the hands of a host, 20 to 36: what Wasmtime roots by hand has to be given back with the store.
//! So the store has a list of what hosts hold, and looks through it before the list grows, as Wasmtime does from 37 on.

use std::mem;
use std::sync::Arc;

use super::common::StoreData;
use super::wasmtime::{
    AnyRef, AsContextMut as _, ExternRef, GcRef, ManuallyRooted, Result, RootScope, Rooted, StoreContext,
    StoreContextMut,
};
use crate::bounds::Data;

/// A reference that stays alive with this object.
pub(super) type Root<R> = Arc<ManuallyRooted<R>>;

/// The references that hosts hold of a store.
#[derive(Default)]
pub(super) struct Roots(Option<Box<Lists>>);

#[derive(Default)]
struct Lists {
    externs: List<ExternRef>,
    any: List<AnyRef>,
}

struct List<R: GcRef> {
    kept: Vec<Root<R>>,
    /// The length at which the list is looked through.
    most: usize,
}

/// The length at which a list is first looked through.
const LEAST: usize = 8;

impl<R: GcRef> Default for List<R> {
    fn default() -> Self {
        Self { kept: Vec::new(), most: LEAST }
    }
}

pub(super) trait Kept: GcRef {
    #[allow(private_interfaces, reason = "only this file calls it")]
    fn list(lists: &mut Lists) -> &mut List<Self>;
}

#[allow(private_interfaces, reason = "only this file calls it")]
impl Kept for ExternRef {
    fn list(lists: &mut Lists) -> &mut List<Self> {
        &mut lists.externs
    }
}

#[allow(private_interfaces, reason = "only this file calls it")]
impl Kept for AnyRef {
    fn list(lists: &mut Lists) -> &mut List<Self> {
        &mut lists.any
    }
}

/// The store, for as long as references are converted.
#[inline]
pub(super) fn scope<'a, T: Data>(
    context: &'a mut StoreContextMut<'_, StoreData<T>>,
) -> RootScope<StoreContextMut<'a, StoreData<T>>> {
    RootScope::new(context.as_context_mut())
}

/// Keeps a reference alive beyond the scope that is open.
pub(super) fn keep<T: Data, R: Kept>(
    reference: Rooted<R>,
    mut context: StoreContextMut<'_, StoreData<T>>,
) -> Result<Root<R>> {
    let List { kept, most }: &mut List<R> = list(&mut context);
    if kept.len() >= *most {
        trim::<T, R>(&mut context);
    }
    let root = Arc::new(reference.to_manually_rooted(&mut context)?);
    list(&mut context).kept.push(root.clone());
    Ok(root)
}

/// Gives back what no host holds any more.
pub(super) fn give_back<T: Data>(context: &mut StoreContextMut<'_, StoreData<T>>) {
    if context.data_mut().roots_mut().0.is_some() {
        trim::<T, ExternRef>(context);
        trim::<T, AnyRef>(context);
    }
}

fn trim<T: Data, R: Kept>(context: &mut StoreContextMut<'_, StoreData<T>>) {
    // Values of the host are dropped here, and may drop other references.
    let mut used = Vec::new();
    for root in mem::take(&mut list::<T, R>(context).kept) {
        match Arc::try_unwrap(root) {
            Ok(root) => root.unroot(&mut *context),
            Err(root) => used.push(root),
        }
    }
    *list(context) = List { most: LEAST.max(2 * used.len()), kept: used };
}

pub(super) fn eq<T: Data, R: Kept>(context: StoreContext<'_, StoreData<T>>, a: &Root<R>, b: &Root<R>) -> Result<bool> {
    Rooted::ref_eq(context, &**a, &**b)
}

fn list<'a, T: Data, R: Kept>(context: &'a mut StoreContextMut<'_, StoreData<T>>) -> &'a mut List<R> {
    R::list(context.data_mut().roots_mut().0.get_or_insert_default())
}
