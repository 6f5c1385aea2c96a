//! Values: this major's into ours, and back.

use super::{MAJOR, StoreData, V, references, wasmtime};
use crate::bounds::Data;
use crate::core::not_a_value;
use crate::error::{Error, ErrorKind, Result, Unsupported};
use crate::store::StoreId;
use crate::{AnyRef, ExternRef, Func, Val};
use wasmtime::{AsContextMut as _, StoreContextMut};

/// This major's value as ours. Numbers are made where they stay: the processor waits when a value is moved that has just been
/// written in parts.
#[inline(always)]
pub(super) fn from_major<T: Data>(
    raw: &wasmtime::Val,
    context: StoreContextMut<'_, StoreData<T>>,
    store: StoreId,
) -> Result<Val<V>> {
    match raw {
        wasmtime::Val::I32(value) => Ok(Val::I32(*value)),
        wasmtime::Val::I64(value) => Ok(Val::I64(*value)),
        wasmtime::Val::F32(bits) => Ok(Val::F32(*bits)),
        wasmtime::Val::F64(bits) => Ok(Val::F64(*bits)),
        other => other_from_major(other, context, store),
    }
}

#[inline(never)]
fn other_from_major<T: Data>(
    raw: &wasmtime::Val,
    context: StoreContextMut<'_, StoreData<T>>,
    store: StoreId,
) -> Result<Val<V>> {
    Ok(match raw {
        wasmtime::Val::V128(value) => Val::V128(value.as_u128().into()),
        wasmtime::Val::FuncRef(func) => Val::FuncRef(func.map(|raw| Func::in_store(raw, store))),
        reference => match references::from_major(reference, context).map_err(not_kept)? {
            Some(references::Reference::Extern(raw)) => Val::ExternRef(raw.map(|raw| ExternRef::in_store(raw, store))),
            Some(references::Reference::Any(raw)) => Val::AnyRef(raw.map(|raw| AnyRef::in_store(raw, store))),
            None => return Err(not_a_value()),
        },
    })
}

/// Our value as this major's.
#[inline(always)]
pub(super) fn into_major<T: Data>(value: &Val<V>, context: StoreContextMut<'_, StoreData<T>>) -> Result<wasmtime::Val> {
    match value {
        Val::I32(value) => Ok(wasmtime::Val::I32(*value)),
        Val::I64(value) => Ok(wasmtime::Val::I64(*value)),
        Val::F32(bits) => Ok(wasmtime::Val::F32(*bits)),
        Val::F64(bits) => Ok(wasmtime::Val::F64(*bits)),
        other => other_into_major(other, context),
    }
}

#[inline(never)]
fn other_into_major<T: Data>(value: &Val<V>, context: StoreContextMut<'_, StoreData<T>>) -> Result<wasmtime::Val> {
    Ok(match value {
        Val::I32(value) => wasmtime::Val::I32(*value),
        Val::I64(value) => wasmtime::Val::I64(*value),
        Val::F32(bits) => wasmtime::Val::F32(*bits),
        Val::F64(bits) => wasmtime::Val::F64(*bits),
        Val::V128(value) => wasmtime::Val::V128(value.as_u128().into()),
        Val::FuncRef(func) => wasmtime::Val::FuncRef(func.map(Func::into_raw)),
        Val::ExternRef(reference) => references::extern_in_major(reference.as_ref().map(ExternRef::as_raw), context),
        Val::AnyRef(reference) => {
            return references::any_in_major(reference.as_ref().map(AnyRef::as_raw), context)
                .ok_or_else(no_any_references);
        }
    })
}

/// Puts values of this major into as many of ours.
#[inline]
pub(in super::super::super) fn all_from_major<T: Data>(
    raw: &[wasmtime::Val],
    into: &mut [Val<V>],
    mut context: StoreContextMut<'_, StoreData<T>>,
    store: StoreId,
) -> Result<()> {
    for (raw, into) in raw.iter().zip(into) {
        match raw {
            wasmtime::Val::I32(value) => *into = Val::I32(*value),
            wasmtime::Val::I64(value) => *into = Val::I64(*value),
            wasmtime::Val::F32(bits) => *into = Val::F32(*bits),
            wasmtime::Val::F64(bits) => *into = Val::F64(*bits),
            other => *into = other_from_major(other, context.as_context_mut(), store)?,
        }
    }
    Ok(())
}

/// Puts our values into as many of this major.
#[inline]
pub(in super::super::super) fn all_into_major<T: Data>(
    values: &[Val<V>],
    into: &mut [wasmtime::Val],
    mut context: StoreContextMut<'_, StoreData<T>>,
) -> Result<()> {
    for (value, into) in values.iter().zip(into) {
        match value {
            Val::I32(value) => *into = wasmtime::Val::I32(*value),
            Val::I64(value) => *into = wasmtime::Val::I64(*value),
            Val::F32(bits) => *into = wasmtime::Val::F32(*bits),
            Val::F64(bits) => *into = wasmtime::Val::F64(*bits),
            other => *into = other_into_major(other, context.as_context_mut())?,
        }
    }
    Ok(())
}

/// The number of values that a call has room for without an allocation.
pub(super) const FEW: usize = 6;

/// Binds `$name` to a slice of `$count` values, each of which is `$empty` at first. What a function returned would be moved.
macro_rules! room {
    ($name:ident, $count:expr, $empty:expr) => {
        let count = $count;
        let mut few: [_; value::FEW] = std::array::from_fn(|_| $empty);
        let mut many = Vec::new();
        let $name = if count <= value::FEW {
            &mut few[..count]
        } else {
            many.resize_with(count, || $empty);
            &mut many[..]
        };
    };
}

pub(super) use room;

#[cold]
pub(super) fn no_any_references() -> Error {
    let what = "references of the type `anyref`".to_owned();
    Error::from_unsupported(Unsupported { since: Some(20), ..Unsupported::new(what, MAJOR) })
}

/// Why a reference cannot be kept: the store has no room.
#[cold]
pub(super) fn not_kept(raw: wasmtime::Error) -> Error {
    super::error::classify(raw, ErrorKind::Other, "cannot keep the reference")
}
