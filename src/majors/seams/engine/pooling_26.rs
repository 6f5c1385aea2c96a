//! Limits of a pool whose form drifted, 26 to 36: tables have sizes like the address space.

use super::wasmtime::PoolingAllocationConfig;
use crate::engine::Enabled;

/// Whether this major can do that.
pub(super) fn max_memory_size(limits: &mut PoolingAllocationConfig, bytes: usize) -> bool {
    limits.max_memory_size(bytes);
    true
}

pub(super) fn table_elements(limits: &mut PoolingAllocationConfig, count: usize) -> bool {
    limits.table_elements(count);
    true
}

pub(super) fn total_gc_heaps(limits: &mut PoolingAllocationConfig, count: u32) -> bool {
    limits.total_gc_heaps(count);
    true
}

pub(super) fn decommit_batch_size(limits: &mut PoolingAllocationConfig, count: usize) -> bool {
    limits.decommit_batch_size(count);
    true
}

pub(super) fn pagemap_scan(_: &mut PoolingAllocationConfig, _: Enabled) -> bool {
    false
}
