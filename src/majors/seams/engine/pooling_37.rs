//! Limits of a pool whose form drifted, 37 and later: memories can be emptied with `PAGEMAP_SCAN`.

use super::wasmtime::{self, PoolingAllocationConfig};
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

pub(super) fn pagemap_scan(limits: &mut PoolingAllocationConfig, enable: Enabled) -> bool {
    limits.pagemap_scan(match enable {
        Enabled::Auto => wasmtime::Enabled::Auto,
        Enabled::Yes => wasmtime::Enabled::Yes,
        Enabled::No => wasmtime::Enabled::No,
    });
    true
}
