//! Memory protection keys of a pool, 18 to 36: whether they are used has a type of its own.

use super::wasmtime::{MpkEnabled, PoolingAllocationConfig};
use crate::engine::Enabled;

pub(super) fn set(limits: &mut PoolingAllocationConfig, enable: Enabled) {
    limits.memory_protection_keys(match enable {
        Enabled::Auto => MpkEnabled::Auto,
        Enabled::Yes => MpkEnabled::Enable,
        Enabled::No => MpkEnabled::Disable,
    });
}
