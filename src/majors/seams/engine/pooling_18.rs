//! Limits of a pool whose form drifted, 18 and 19: memories in pages, no pool of heaps of collected objects.

use super::wasmtime::PoolingAllocationConfig;
use crate::engine::Enabled;

/// Whether this major can do that.
pub(super) fn max_memory_size(limits: &mut PoolingAllocationConfig, bytes: usize) -> bool {
    limits.memory_pages((bytes / 0x1_0000) as u64);
    true
}

pub(super) fn table_elements(limits: &mut PoolingAllocationConfig, count: usize) -> bool {
    limits.table_elements(u32::try_from(count).unwrap_or(u32::MAX));
    true
}

pub(super) fn total_gc_heaps(_: &mut PoolingAllocationConfig, _: u32) -> bool {
    false
}

pub(super) fn decommit_batch_size(_: &mut PoolingAllocationConfig, _: usize) -> bool {
    false
}

pub(super) fn pagemap_scan(_: &mut PoolingAllocationConfig, _: Enabled) -> bool {
    false
}
