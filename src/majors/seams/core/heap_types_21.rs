//! References in types, 21 to 34: references to arrays and structures.

use super::wasmtime;
use crate::{HeapType, RefType};

pub(super) fn ref_type(raw: &wasmtime::ValType) -> Option<RefType> {
    let wasmtime::ValType::Ref(raw) = raw else { return None };
    let heap_type = match raw.heap_type() {
        wasmtime::HeapType::Extern => HeapType::Extern,
        wasmtime::HeapType::NoExtern => HeapType::NoExtern,
        wasmtime::HeapType::Func => HeapType::Func,
        wasmtime::HeapType::NoFunc => HeapType::NoFunc,
        wasmtime::HeapType::Any => HeapType::Any,
        wasmtime::HeapType::Eq => HeapType::Eq,
        wasmtime::HeapType::I31 => HeapType::I31,
        wasmtime::HeapType::Array => HeapType::Array,
        wasmtime::HeapType::Struct => HeapType::Struct,
        wasmtime::HeapType::None => HeapType::None,
        wasmtime::HeapType::ConcreteFunc(_) => HeapType::ConcreteFunc,
        wasmtime::HeapType::ConcreteArray(_) => HeapType::ConcreteArray,
        wasmtime::HeapType::ConcreteStruct(_) => HeapType::ConcreteStruct,
    };
    Some(RefType::new(raw.is_nullable(), heap_type))
}

pub(super) fn ref_type_in_major(ty: &RefType) -> Option<wasmtime::ValType> {
    let heap_type = match ty.heap_type() {
        HeapType::Extern => wasmtime::HeapType::Extern,
        HeapType::NoExtern => wasmtime::HeapType::NoExtern,
        HeapType::Func => wasmtime::HeapType::Func,
        HeapType::NoFunc => wasmtime::HeapType::NoFunc,
        HeapType::Any => wasmtime::HeapType::Any,
        HeapType::Eq => wasmtime::HeapType::Eq,
        HeapType::I31 => wasmtime::HeapType::I31,
        HeapType::Array => wasmtime::HeapType::Array,
        HeapType::Struct => wasmtime::HeapType::Struct,
        HeapType::None => wasmtime::HeapType::None,
        _ => return None,
    };
    Some(wasmtime::ValType::Ref(wasmtime::RefType::new(ty.is_nullable(), heap_type)))
}
