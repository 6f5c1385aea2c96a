//! References that hosts hold, 18 and 19: counted values of the host, which belong to no store and cannot be changed.

use std::any::Any;

use super::common::StoreData;
use super::wasmtime::{self, Result, StoreContext, StoreContextMut, Val};
use crate::I31;

/// A reference that stays alive with this object.
pub(super) type ExternRoot = wasmtime::ExternRef;

/// A new reference.
pub(super) type NewExternRef = wasmtime::ExternRef;

/// A reference to a value of a guest's in a major without these.
#[derive(Clone, Copy, Debug)]
pub enum AnyRoot {}

/// A value that is a reference other than to a function.
#[allow(dead_code, reason = "this major has no references to values of guests")]
pub(super) enum Reference {
    Extern(Option<ExternRoot>),
    Any(Option<AnyRoot>),
}

pub(super) fn new<C, R: Any + Send + Sync>(_: C, value: R) -> Result<NewExternRef> {
    Ok(wasmtime::ExternRef::new(value))
}

pub(super) fn keep<T>(reference: NewExternRef, _: StoreContextMut<'_, StoreData<T>>) -> Result<ExternRoot> {
    Ok(reference)
}

pub(super) fn data<'a, T>(reference: &'a ExternRoot, _: StoreContext<'a, StoreData<T>>) -> Result<Option<&'a dyn Any>> {
    Ok(Some(reference.data()))
}

/// `None` if the values of this major cannot be changed.
pub(super) fn data_mut<'a, T>(
    _: &'a ExternRoot,
    _: StoreContextMut<'a, StoreData<T>>,
) -> Option<Result<Option<&'a mut dyn Any>>> {
    None
}

pub(super) fn extern_eq<T>(_: StoreContext<'_, StoreData<T>>, a: &ExternRoot, b: &ExternRoot) -> Result<bool> {
    Ok(a.ptr_eq(b))
}

/// `None` if this major has no such references.
pub(super) fn from_i31<T>(_: StoreContextMut<'_, StoreData<T>>, _: I31) -> Option<Result<AnyRoot>> {
    None
}

pub(super) fn as_i31<T>(reference: &AnyRoot, _: StoreContext<'_, StoreData<T>>) -> Result<Option<I31>> {
    match *reference {}
}

pub(super) fn any_eq<T>(_: StoreContext<'_, StoreData<T>>, a: &AnyRoot, _: &AnyRoot) -> Result<bool> {
    match *a {}
}

/// `None` if the value is not such a reference.
pub(super) fn from_major<T>(raw: &Val, _: StoreContextMut<'_, StoreData<T>>) -> Result<Option<Reference>> {
    Ok(if let Val::ExternRef(raw) = raw { Some(Reference::Extern(raw.clone())) } else { None })
}

pub(super) fn extern_in_major<T>(reference: Option<&ExternRoot>, _: StoreContextMut<'_, StoreData<T>>) -> Val {
    Val::ExternRef(reference.cloned())
}

/// `None` if this major has no such references, not even null.
pub(super) fn any_in_major<T>(_: Option<&AnyRoot>, _: StoreContextMut<'_, StoreData<T>>) -> Option<Val> {
    None
}
