//! Types of tables, 26 and later: indices can be 64 bits wide.

use super::wasmtime::{Ref, TableType, ValType};

pub(super) fn element(raw: &TableType) -> ValType {
    ValType::Ref(raw.element().clone())
}

pub(super) fn is_64(raw: &TableType) -> bool {
    raw.is_64()
}

/// `None` if this major has no such tables.
pub(super) fn new(element: ValType, minimum: u64, maximum: Option<u64>, is_64: bool) -> Option<TableType> {
    let ValType::Ref(element) = element else { return None };
    if is_64 {
        return Some(TableType::new64(element, minimum, maximum));
    }
    let maximum = maximum.map(u32::try_from).transpose().ok()?;
    Some(TableType::new(element, minimum.try_into().ok()?, maximum))
}

/// The element of an empty table: null.
#[allow(dead_code, reason = "from 32 on Wasmtime has default values itself")]
pub(super) fn null(is_func: bool) -> Ref {
    if is_func { Ref::Func(None) } else { Ref::Extern(None) }
}
