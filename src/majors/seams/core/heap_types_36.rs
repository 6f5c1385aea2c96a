//! References in types, 36 and later: references to exceptions.

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
        wasmtime::HeapType::Cont => HeapType::Cont,
        wasmtime::HeapType::NoCont => HeapType::NoCont,
        wasmtime::HeapType::Exn => HeapType::Exn,
        wasmtime::HeapType::NoExn => HeapType::NoExn,
        wasmtime::HeapType::ConcreteFunc(_) => HeapType::ConcreteFunc,
        wasmtime::HeapType::ConcreteArray(_) => HeapType::ConcreteArray,
        wasmtime::HeapType::ConcreteStruct(_) => HeapType::ConcreteStruct,
        wasmtime::HeapType::ConcreteCont(_) => HeapType::ConcreteCont,
        wasmtime::HeapType::ConcreteExn(_) => HeapType::ConcreteExn,
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
        HeapType::Cont => wasmtime::HeapType::Cont,
        HeapType::NoCont => wasmtime::HeapType::NoCont,
        HeapType::Exn => wasmtime::HeapType::Exn,
        HeapType::NoExn => wasmtime::HeapType::NoExn,
        _ => return None,
    };
    Some(wasmtime::ValType::Ref(wasmtime::RefType::new(ty.is_nullable(), heap_type)))
}
