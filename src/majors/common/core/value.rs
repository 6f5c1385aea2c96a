//! Values: this major's into ours, and back.

use super::{MAJOR, StoreData, V, references, wasmtime};
use crate::bounds::Data;
use crate::core::not_a_value;
use crate::error::{Error, ErrorKind, Result, Unsupported};
use crate::store::StoreId;
use crate::{AnyRef, ExternRef, Func, Val};
use wasmtime::{AsContextMut as _, StoreContextMut};

#[inline]
pub(super) fn from_major<T: Data>(
    raw: &wasmtime::Val,
    context: StoreContextMut<'_, StoreData<T>>,
    store: StoreId,
) -> Result<Val<V>> {
    Ok(match raw {
        wasmtime::Val::I32(value) => Val::I32(*value),
        wasmtime::Val::I64(value) => Val::I64(*value),
        wasmtime::Val::F32(bits) => Val::F32(*bits),
        wasmtime::Val::F64(bits) => Val::F64(*bits),
        wasmtime::Val::V128(value) => Val::V128(value.as_u128().into()),
        wasmtime::Val::FuncRef(func) => Val::FuncRef(func.map(|raw| Func::in_store(raw, store))),
        reference => return reference_from_major(reference, context, store),
    })
}

fn reference_from_major<T: Data>(
    raw: &wasmtime::Val,
    context: StoreContextMut<'_, StoreData<T>>,
    store: StoreId,
) -> Result<Val<V>> {
    match references::from_major(raw, context).map_err(not_kept)? {
        Some(references::Reference::Extern(raw)) => Ok(Val::ExternRef(raw.map(|raw| ExternRef::in_store(raw, store)))),
        Some(references::Reference::Any(raw)) => Ok(Val::AnyRef(raw.map(|raw| AnyRef::in_store(raw, store)))),
        None => Err(not_a_value()),
    }
}

#[inline]
pub(super) fn into_major<T: Data>(value: &Val<V>, context: StoreContextMut<'_, StoreData<T>>) -> Result<wasmtime::Val> {
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

/// The parameters of a call, and room for the results.
pub(in super::super::super) fn room<T: Data>(
    params: &[Val<V>],
    results: usize,
    mut context: StoreContextMut<'_, StoreData<T>>,
) -> Result<(Vec<wasmtime::Val>, Vec<wasmtime::Val>)> {
    let params = params.iter().map(|value| into_major(value, context.as_context_mut())).collect::<Result<_>>()?;
    Ok((params, vec![wasmtime::Val::FuncRef(None); results]))
}

/// Puts what a call returned into the room of the caller.
pub(in super::super::super) fn put<T: Data>(
    returned: &[wasmtime::Val],
    results: &mut [Val<V>],
    mut context: StoreContextMut<'_, StoreData<T>>,
    store: StoreId,
) -> Result<()> {
    for (result, raw) in results.iter_mut().zip(returned) {
        *result = from_major(raw, context.as_context_mut(), store)?;
    }
    Ok(())
}

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
