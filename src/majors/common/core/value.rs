//! Values: this major's into ours, and back.

use super::{V, wasmtime};
use crate::core::not_a_value;
use crate::error::Result;
use crate::store::StoreId;
use crate::{Func, Val};

pub(super) fn from_major(raw: &wasmtime::Val, store: StoreId) -> Result<Val<V>> {
    Ok(match raw {
        wasmtime::Val::I32(value) => Val::I32(*value),
        wasmtime::Val::I64(value) => Val::I64(*value),
        wasmtime::Val::F32(bits) => Val::F32(*bits),
        wasmtime::Val::F64(bits) => Val::F64(*bits),
        wasmtime::Val::V128(value) => Val::V128(value.as_u128().into()),
        wasmtime::Val::FuncRef(func) => Val::FuncRef(func.map(|raw| Func::in_store(raw, store))),
        _ => return Err(not_a_value()),
    })
}

pub(super) fn into_major(value: &Val<V>) -> wasmtime::Val {
    match value {
        Val::I32(value) => wasmtime::Val::I32(*value),
        Val::I64(value) => wasmtime::Val::I64(*value),
        Val::F32(bits) => wasmtime::Val::F32(*bits),
        Val::F64(bits) => wasmtime::Val::F64(*bits),
        Val::V128(value) => wasmtime::Val::V128(value.as_u128().into()),
        Val::FuncRef(func) => wasmtime::Val::FuncRef(func.map(Func::into_raw)),
    }
}

/// The parameters of a call, and room for the results.
pub(in super::super::super) fn room(params: &[Val<V>], results: usize) -> (Vec<wasmtime::Val>, Vec<wasmtime::Val>) {
    (params.iter().map(into_major).collect(), vec![wasmtime::Val::FuncRef(None); results])
}

/// Puts what a call returned into the room of the caller.
pub(in super::super::super) fn put(store: StoreId, returned: &[wasmtime::Val], results: &mut [Val<V>]) -> Result<()> {
    for (result, raw) in results.iter_mut().zip(returned) {
        *result = from_major(raw, store)?;
    }
    Ok(())
}
