//! Imports and exports, 18 to 30: there are no tags.

use super::common::types;
use super::wasmtime;
use crate::ExternType;

pub(super) fn extern_type(raw: &wasmtime::ExternType) -> ExternType {
    match raw {
        wasmtime::ExternType::Func(raw) => ExternType::Func(types::func_type(raw)),
        wasmtime::ExternType::Global(raw) => ExternType::Global(types::global_type(raw)),
        wasmtime::ExternType::Table(raw) => ExternType::Table(types::table_type(raw)),
        wasmtime::ExternType::Memory(raw) => ExternType::Memory(types::memory_type(raw)),
    }
}
