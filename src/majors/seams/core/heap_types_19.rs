//! References in types, 19: references have types of their own, to functions and to values of the host.

use super::wasmtime;
use crate::{HeapType, RefType};

pub(super) fn ref_type(raw: &wasmtime::ValType) -> Option<RefType> {
    let wasmtime::ValType::Ref(raw) = raw else { return None };
    let heap_type = match raw.heap_type() {
        wasmtime::HeapType::Extern => HeapType::Extern,
        wasmtime::HeapType::Func => HeapType::Func,
        wasmtime::HeapType::NoFunc => HeapType::NoFunc,
        wasmtime::HeapType::Concrete(_) => HeapType::ConcreteFunc,
    };
    Some(RefType::new(raw.is_nullable(), heap_type))
}

pub(super) fn ref_type_in_major(ty: &RefType) -> Option<wasmtime::ValType> {
    let heap_type = match ty.heap_type() {
        HeapType::Extern => wasmtime::HeapType::Extern,
        HeapType::Func => wasmtime::HeapType::Func,
        HeapType::NoFunc => wasmtime::HeapType::NoFunc,
        _ => return None,
    };
    Some(wasmtime::ValType::Ref(wasmtime::RefType::new(ty.is_nullable(), heap_type)))
}
