//! References in types, 18: two types of references, which are value types themselves.

use super::wasmtime;
use crate::{HeapType, RefType};

pub(super) fn ref_type(raw: &wasmtime::ValType) -> Option<RefType> {
    match raw {
        wasmtime::ValType::FuncRef => Some(RefType::FUNCREF),
        wasmtime::ValType::ExternRef => Some(RefType::EXTERNREF),
        _ => None,
    }
}

pub(super) fn ref_type_in_major(ty: &RefType) -> Option<wasmtime::ValType> {
    match (ty.is_nullable(), ty.heap_type()) {
        (true, HeapType::Func) => Some(wasmtime::ValType::FuncRef),
        (true, HeapType::Extern) => Some(wasmtime::ValType::ExternRef),
        _ => None,
    }
}
