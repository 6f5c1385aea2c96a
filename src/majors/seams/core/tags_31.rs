//! Imports and exports, 31 and later: there are tags.

use super::V;
use super::common::types;
pub(super) use super::wasmtime::Tag;
use super::wasmtime::{self, StoreContext};
use crate::store::StoreId;
use crate::{Extern, ExternType, Func, Global, Memory, SharedMemory, Table, TagType};

pub(super) fn extern_type(raw: &wasmtime::ExternType) -> ExternType {
    match raw {
        wasmtime::ExternType::Func(raw) => ExternType::Func(types::func_type(raw)),
        wasmtime::ExternType::Global(raw) => ExternType::Global(types::global_type(raw)),
        wasmtime::ExternType::Table(raw) => ExternType::Table(types::table_type(raw)),
        wasmtime::ExternType::Memory(raw) => ExternType::Memory(types::memory_type(raw)),
        wasmtime::ExternType::Tag(raw) => ExternType::Tag(TagType::new(types::func_type(raw.ty()))),
    }
}

pub(super) fn externs(raw: wasmtime::Extern, store: StoreId) -> Extern<V> {
    match raw {
        wasmtime::Extern::Func(raw) => Extern::Func(Func::in_store(raw, store)),
        wasmtime::Extern::Global(raw) => Extern::Global(Global::in_store(raw, store)),
        wasmtime::Extern::Table(raw) => Extern::Table(Table::in_store(raw, store)),
        wasmtime::Extern::Memory(raw) => Extern::Memory(Memory::in_store(raw, store)),
        wasmtime::Extern::SharedMemory(raw) => Extern::SharedMemory(SharedMemory::from_raw(raw)),
        wasmtime::Extern::Tag(raw) => Extern::Tag(crate::Tag::in_store(raw, store)),
    }
}

pub(super) fn in_major(tag: crate::Tag<V>) -> wasmtime::Extern {
    tag.into_raw().into()
}

pub(super) fn ty<T: 'static>(tag: &Tag, context: StoreContext<'_, T>) -> TagType {
    TagType::new(types::func_type(tag.ty(context).ty()))
}
