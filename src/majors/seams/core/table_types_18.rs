//! Types of tables, 18: the elements have a type of value, and indices are 32 bits wide.

use super::wasmtime::{TableType, Val, ValType};

pub(super) fn element(raw: &TableType) -> ValType {
    raw.element()
}

pub(super) fn is_64(_: &TableType) -> bool {
    false
}

/// `None` if this major has no such tables.
pub(super) fn new(element: ValType, minimum: u64, maximum: Option<u64>, is_64: bool) -> Option<TableType> {
    let maximum = maximum.map(u32::try_from).transpose().ok()?;
    if is_64 { None } else { Some(TableType::new(element, minimum.try_into().ok()?, maximum)) }
}

/// The element of an empty table: null.
pub(super) fn null(is_func: bool) -> Val {
    if is_func { Val::FuncRef(None) } else { Val::ExternRef(None) }
}
