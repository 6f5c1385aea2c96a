//! Types of imports, exports and values: this major's into ours, and back where hosts make objects of a type.

use super::{MAJOR, func_types, heap_types, memory_types, table_types, tags, wasmtime};
use crate::error::{Error, ErrorKind, Result, Unsupported};
use crate::{ExternType, FuncType, GlobalType, HeapType, MemoryType, Mutability, RefType, TableType, ValType};

pub(in super::super::super) fn extern_type(raw: &wasmtime::ExternType) -> ExternType {
    tags::extern_type(raw)
}

pub(in super::super::super) fn func_type(raw: &wasmtime::FuncType) -> FuncType {
    FuncType::new(raw.params().map(|raw| val_type(&raw)), raw.results().map(|raw| val_type(&raw)))
}

pub(in super::super::super) fn global_type(raw: &wasmtime::GlobalType) -> GlobalType {
    let mutability = match raw.mutability() {
        wasmtime::Mutability::Const => Mutability::Const,
        wasmtime::Mutability::Var => Mutability::Var,
    };
    GlobalType::new(val_type(raw.content()), mutability)
}

#[allow(clippy::useless_conversion, reason = "up to 25 the numbers have 32 bits")]
pub(in super::super::super) fn table_type(raw: &wasmtime::TableType) -> TableType {
    let element = heap_types::ref_type(&table_types::element(raw)).unwrap_or(RefType::FUNCREF);
    TableType::from_parts(element, raw.minimum().into(), raw.maximum().map(Into::into), table_types::is_64(raw))
}

pub(in super::super::super) fn memory_type(raw: &wasmtime::MemoryType) -> MemoryType {
    let pages = memory_types::page_size_log2(raw);
    MemoryType::from_parts(raw.minimum(), raw.maximum(), raw.is_64(), raw.is_shared(), pages)
}

pub(in super::super::super) fn val_type(raw: &wasmtime::ValType) -> ValType {
    match raw {
        wasmtime::ValType::I32 => ValType::I32,
        wasmtime::ValType::I64 => ValType::I64,
        wasmtime::ValType::F32 => ValType::F32,
        wasmtime::ValType::F64 => ValType::F64,
        // There is one type of vectors; all others are references.
        raw => heap_types::ref_type(raw).map_or(ValType::V128, ValType::Ref),
    }
}

pub(in super::super::super) fn func_type_in_major(
    engine: &wasmtime::Engine,
    ty: &FuncType,
) -> Result<wasmtime::FuncType> {
    let params = ty.params().map(|ty| val_type_in_major(&ty)).collect::<Result<_>>()?;
    let results = ty.results().map(|ty| val_type_in_major(&ty)).collect::<Result<_>>()?;
    Ok(func_types::new(engine, params, results))
}

pub(in super::super::super) fn global_type_in_major(ty: &GlobalType) -> Result<wasmtime::GlobalType> {
    let mutability = match ty.mutability() {
        Mutability::Const => wasmtime::Mutability::Const,
        Mutability::Var => wasmtime::Mutability::Var,
    };
    Ok(wasmtime::GlobalType::new(val_type_in_major(ty.content())?, mutability))
}

pub(in super::super::super) fn table_type_in_major(ty: &TableType) -> Result<wasmtime::TableType> {
    ty.check()?;
    let element = ref_type_in_major(ty.element())?;
    table_types::new(element, ty.minimum(), ty.maximum(), ty.is_64())
        .ok_or_else(|| unsupported("tables with 64-bit indices".to_owned(), 26))
}

pub(in super::super::super) fn memory_type_in_major(ty: &MemoryType) -> Result<wasmtime::MemoryType> {
    ty.check()?;
    memory_types::in_major(ty).ok_or_else(|| unsupported(format!("memories of the type `{ty}`"), 23))
}

pub(in super::super::super) fn val_type_in_major(ty: &ValType) -> Result<wasmtime::ValType> {
    Ok(match ty {
        ValType::I32 => wasmtime::ValType::I32,
        ValType::I64 => wasmtime::ValType::I64,
        ValType::F32 => wasmtime::ValType::F32,
        ValType::F64 => wasmtime::ValType::F64,
        ValType::V128 => wasmtime::ValType::V128,
        ValType::Ref(ty) => return ref_type_in_major(ty),
    })
}

/// The type of references in this major, as a type of values.
pub(in super::super::super) fn ref_type_in_major(ty: &RefType) -> Result<wasmtime::ValType> {
    heap_types::ref_type_in_major(ty).ok_or_else(|| {
        let since = match ty.heap_type() {
            HeapType::Extern | HeapType::Func | HeapType::NoFunc => 19,
            HeapType::Any | HeapType::I31 | HeapType::None => 20,
            HeapType::NoExtern | HeapType::Eq | HeapType::Array | HeapType::Struct => 21,
            HeapType::Cont | HeapType::NoCont => 35,
            HeapType::Exn | HeapType::NoExn => 36,
            _ => {
                let text = format!("a host cannot use the type `{ty}`: its definition is in a module");
                return Error::new(ErrorKind::InvalidArgument, text);
            }
        };
        unsupported(format!("references of the type `{ty}`"), since)
    })
}

#[cold]
fn unsupported(what: String, since: u64) -> Error {
    Error::from_unsupported(Unsupported { since: Some(since), ..Unsupported::new(what, MAJOR) })
}
