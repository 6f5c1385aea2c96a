//! Memory protection keys of a pool, 37 and later.

use super::wasmtime::{self, PoolingAllocationConfig};
use crate::engine::Enabled;

pub(super) fn set(limits: &mut PoolingAllocationConfig, enable: Enabled) {
    limits.memory_protection_keys(match enable {
        Enabled::Auto => wasmtime::Enabled::Auto,
        Enabled::Yes => wasmtime::Enabled::Yes,
        Enabled::No => wasmtime::Enabled::No,
    });
}
