//! References that hosts hold, 20 and later: they belong to a store, and guests have values that hosts can look into.

use std::any::Any;

use super::common::StoreData;
use super::roots::{self, Root};
use super::wasmtime::{
    AnyRef, AsContextMut, ExternRef, I31 as RawI31, Result, Rooted, StoreContext, StoreContextMut, Val,
};
use crate::I31;
use crate::bounds::Data;

/// A reference that stays alive with this object.
pub(super) type ExternRoot = Root<ExternRef>;

/// A new reference, which the scope that is open keeps alive.
pub(super) type NewExternRef = Rooted<ExternRef>;

/// A reference to a value of a guest's that stays alive with this object.
pub(super) type AnyRoot = Root<AnyRef>;

/// A value that is a reference other than to a function.
pub(super) enum Reference {
    Extern(Option<ExternRoot>),
    Any(Option<AnyRoot>),
}

pub(super) fn new<R: Any + Send + Sync>(context: impl AsContextMut, value: R) -> Result<NewExternRef> {
    ExternRef::new(context, value)
}

pub(super) fn keep<T: Data>(reference: NewExternRef, context: StoreContextMut<'_, StoreData<T>>) -> Result<ExternRoot> {
    roots::keep(reference, context)
}

// Whether there is a value is not asked up to 26.
#[allow(clippy::useless_conversion, reason = "from 27 on it is an option already")]
pub(super) fn data<'a, T: Data>(
    reference: &'a ExternRoot,
    context: StoreContext<'a, StoreData<T>>,
) -> Result<Option<&'a dyn Any>> {
    let data: Option<&'a (dyn Any + Send + Sync)> = reference.data(context)?.into();
    Ok(data.map(|data| data as &dyn Any))
}

/// `None` if the values of this major cannot be changed.
#[allow(clippy::useless_conversion, reason = "from 27 on it is an option already")]
pub(super) fn data_mut<'a, T: Data>(
    reference: &'a ExternRoot,
    context: StoreContextMut<'a, StoreData<T>>,
) -> Option<Result<Option<&'a mut dyn Any>>> {
    Some(reference.data_mut(context).map(|data| {
        let data: Option<&'a mut (dyn Any + Send + Sync)> = data.into();
        data.map(|data| data as &mut dyn Any)
    }))
}

pub(super) fn extern_eq<T: Data>(
    context: StoreContext<'_, StoreData<T>>,
    a: &ExternRoot,
    b: &ExternRoot,
) -> Result<bool> {
    roots::eq(context, a, b)
}

/// `None` if this major has no such references.
pub(super) fn from_i31<T: Data>(mut context: StoreContextMut<'_, StoreData<T>>, value: I31) -> Option<Result<AnyRoot>> {
    let mut scope = roots::scope(&mut context);
    let reference = AnyRef::from_i31(&mut scope, RawI31::wrapping_u32(value.get_u32()));
    Some(roots::keep(reference, scope.as_context_mut()))
}

pub(super) fn as_i31<T: Data>(reference: &AnyRoot, context: StoreContext<'_, StoreData<T>>) -> Result<Option<I31>> {
    Ok(reference.as_i31(context)?.map(|raw| I31::wrapping_u32(raw.get_u32())))
}

pub(super) fn any_eq<T: Data>(context: StoreContext<'_, StoreData<T>>, a: &AnyRoot, b: &AnyRoot) -> Result<bool> {
    roots::eq(context, a, b)
}

/// `None` if the value is not such a reference.
pub(super) fn from_major<T: Data>(raw: &Val, context: StoreContextMut<'_, StoreData<T>>) -> Result<Option<Reference>> {
    Ok(Some(match raw {
        Val::ExternRef(raw) => Reference::Extern(raw.map(|raw| roots::keep(raw, context)).transpose()?),
        Val::AnyRef(raw) => Reference::Any(raw.map(|raw| roots::keep(raw, context)).transpose()?),
        _ => return Ok(None),
    }))
}

pub(super) fn extern_in_major<T: Data>(
    reference: Option<&ExternRoot>,
    context: StoreContextMut<'_, StoreData<T>>,
) -> Val {
    Val::ExternRef(reference.map(|reference| reference.to_rooted(context)))
}

/// `None` if this major has no such references, not even null.
pub(super) fn any_in_major<T: Data>(
    reference: Option<&AnyRoot>,
    context: StoreContextMut<'_, StoreData<T>>,
) -> Option<Val> {
    Some(Val::AnyRef(reference.map(|reference| reference.to_rooted(context))))
}
