//! Imports and exports, 18 to 30: there are no tags.

use super::V;
use super::common::types;
use super::wasmtime::{self, StoreContext};
use crate::store::StoreId;
use crate::{Extern, ExternType, Func, Global, Memory, SharedMemory, Table, TagType};

/// The tag of a major without tags.
#[derive(Clone, Copy, Debug)]
pub enum Tag {}

pub(super) fn extern_type(raw: &wasmtime::ExternType) -> ExternType {
    match raw {
        wasmtime::ExternType::Func(raw) => ExternType::Func(types::func_type(raw)),
        wasmtime::ExternType::Global(raw) => ExternType::Global(types::global_type(raw)),
        wasmtime::ExternType::Table(raw) => ExternType::Table(types::table_type(raw)),
        wasmtime::ExternType::Memory(raw) => ExternType::Memory(types::memory_type(raw)),
    }
}

pub(super) fn externs(raw: wasmtime::Extern, store: StoreId) -> Extern<V> {
    match raw {
        wasmtime::Extern::Func(raw) => Extern::Func(Func::in_store(raw, store)),
        wasmtime::Extern::Global(raw) => Extern::Global(Global::in_store(raw, store)),
        wasmtime::Extern::Table(raw) => Extern::Table(Table::in_store(raw, store)),
        wasmtime::Extern::Memory(raw) => Extern::Memory(Memory::in_store(raw, store)),
        wasmtime::Extern::SharedMemory(raw) => Extern::SharedMemory(SharedMemory::from_raw(raw)),
    }
}

pub(super) fn in_major(tag: crate::Tag<V>) -> wasmtime::Extern {
    match *tag.as_raw() {}
}

pub(super) fn ty<T>(tag: &Tag, _: StoreContext<'_, T>) -> TagType {
    match *tag {}
}
