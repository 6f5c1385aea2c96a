//! References in types, 20: references to values that guests can inspect.

use super::wasmtime;
use crate::{HeapType, RefType};

pub(super) fn ref_type(raw: &wasmtime::ValType) -> Option<RefType> {
    let wasmtime::ValType::Ref(raw) = raw else { return None };
    let heap_type = match raw.heap_type() {
        wasmtime::HeapType::Extern => HeapType::Extern,
        wasmtime::HeapType::Func => HeapType::Func,
        wasmtime::HeapType::NoFunc => HeapType::NoFunc,
        wasmtime::HeapType::Any => HeapType::Any,
        wasmtime::HeapType::I31 => HeapType::I31,
        wasmtime::HeapType::None => HeapType::None,
        wasmtime::HeapType::Concrete(_) => HeapType::ConcreteFunc,
    };
    Some(RefType::new(raw.is_nullable(), heap_type))
}

pub(super) fn ref_type_in_major(ty: &RefType) -> Option<wasmtime::ValType> {
    let heap_type = match ty.heap_type() {
        HeapType::Extern => wasmtime::HeapType::Extern,
        HeapType::Func => wasmtime::HeapType::Func,
        HeapType::NoFunc => wasmtime::HeapType::NoFunc,
        HeapType::Any => wasmtime::HeapType::Any,
        HeapType::I31 => wasmtime::HeapType::I31,
        HeapType::None => wasmtime::HeapType::None,
        _ => return None,
    };
    Some(wasmtime::ValType::Ref(wasmtime::RefType::new(ty.is_nullable(), heap_type)))
}
