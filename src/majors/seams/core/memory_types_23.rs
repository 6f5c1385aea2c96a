//! Types of memories, 23 and later: pages can have another size, and types are checked when they are made.

use super::wasmtime::{MemoryType as Raw, MemoryTypeBuilder};
use crate::MemoryType;

pub(super) fn page_size_log2(raw: &Raw) -> u8 {
    raw.page_size_log2()
}

/// `None` if this major has no such memories.
pub(super) fn in_major(ty: &MemoryType) -> Option<Raw> {
    MemoryTypeBuilder::default()
        .min(ty.minimum())
        .max(ty.maximum())
        .memory64(ty.is_64())
        .shared(ty.is_shared())
        .page_size_log2(ty.page_size_log2())
        .build()
        .ok()
}
