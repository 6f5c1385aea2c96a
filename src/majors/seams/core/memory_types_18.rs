//! Types of memories, 18 to 22: all pages have 64 KiB, and a shared memory is not 64-bit.

use super::wasmtime::MemoryType as Raw;
use crate::MemoryType;

pub(super) fn page_size_log2(_: &Raw) -> u8 {
    16
}

/// `None` if this major has no such memories.
pub(super) fn in_major(ty: &MemoryType) -> Option<Raw> {
    let narrow = |pages: u64| u32::try_from(pages).ok();
    let maximum = ty.maximum().map(narrow);
    match (ty.page_size_log2(), ty.is_64(), ty.is_shared()) {
        (16, false, false) => Some(Raw::new(narrow(ty.minimum())?, maximum.map_or(Some(None), |it| it.map(Some))?)),
        (16, true, false) => Some(Raw::new64(ty.minimum(), ty.maximum())),
        (16, false, true) => Some(Raw::shared(narrow(ty.minimum())?, maximum??)),
        _ => None,
    }
}
