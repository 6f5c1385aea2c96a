//! The allocation strategy of an engine, and the limits of a pool.

use super::{MAJOR, pooling, protection_keys, wasmtime, whole};
use crate::engine::{Enabled, InstanceAllocationStrategy, limit};
use crate::error::{Error, Result, Unsupported};

pub(super) fn set(raw: &mut wasmtime::Config, strategy: &InstanceAllocationStrategy) -> Result<()> {
    let InstanceAllocationStrategy::Pooling(pool) = strategy else { return Ok(()) };
    let mut limits = wasmtime::PoolingAllocationConfig::default();
    macro_rules! hand_on {
        ($($name:ident)*) => {
            $(if let Some(value) = pool.$name {
                limits.$name(value);
            })*
        };
    }
    hand_on! {
        max_unused_warm_slots linear_memory_keep_resident table_keep_resident total_component_instances
        max_component_instance_size max_core_instances_per_component max_memories_per_component max_tables_per_component
        total_memories total_tables total_core_instances max_core_instance_size max_tables_per_module
        max_memories_per_module
    }
    macro_rules! mend {
        ($($name:ident since $since:literal)*) => {
            $(if let Some(value) = pool.$name && !pooling::$name(&mut limits, value) {
                return Err(lacking(stringify!($name), $since));
            })*
        };
    }
    mend! {
        max_memory_size since 18
        table_elements since 18
        total_gc_heaps since 20
        decommit_batch_size since 22
        pagemap_scan since 37
    }
    if let Some(enable) = pool.memory_protection_keys {
        if enable == Enabled::Yes && !wasmtime::PoolingAllocationConfig::are_memory_protection_keys_available() {
            return Err(no_keys());
        }
        protection_keys::set(&mut limits, enable);
    }
    if let Some(count) = pool.max_memory_protection_keys {
        limits.max_memory_protection_keys(count);
    }
    whole::limit_pool(&mut limits, pool);
    raw.allocation_strategy(wasmtime::InstanceAllocationStrategy::Pooling(limits));
    Ok(())
}

/// Wasmtime would fail as well, in words of its own.
fn no_keys() -> Error {
    Error::from_unsupported(Unsupported::new("memory protection keys of a pool".to_owned(), MAJOR))
        .with_hint("the operating system or the processor lacks them: Enabled::Auto uses them where they exist")
}

fn lacking(name: &str, since: u64) -> Error {
    Error::from_unsupported(Unsupported { since: Some(since), ..Unsupported::new(limit(name), MAJOR) })
}
