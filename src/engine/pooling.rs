//! Owns the allocation strategy of an engine: on demand, or from a pool with limits.

use super::parts::{Part, Parts};
use super::setting::round_up;
use super::{Config, Engines};
use crate::error::{Error, ErrorKind, Result};

/// How an engine allocates instances, memories, tables and stacks; see [`Config::allocation_strategy`].
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, ErrorKind, InstanceAllocationStrategy, Linker, Module, Newest};
/// use wasmtime_compat::{PoolingAllocationConfig, Store};
///
/// let mut pool = PoolingAllocationConfig::new();
/// pool.total_core_instances(1).total_memories(10).max_memory_size(16 << 20);
/// let strategy = InstanceAllocationStrategy::Pooling(pool);
/// let engine = Engine::<Newest>::new(&Config::new().allocation_strategy(strategy))?;
/// let module = Module::new(&engine, b"\0asm\x01\0\0\0")?;
/// let (mut store, linker) = (Store::new(&engine, ()), Linker::new(&engine));
/// linker.instantiate(&mut store, &module)?;
/// assert_eq!(linker.instantiate(&mut store, &module).unwrap_err().kind(), ErrorKind::PoolExhausted);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "the variants are Wasmtime's, and a host has one value")]
pub enum InstanceAllocationStrategy {
    /// When they are needed. This is the default.
    #[default]
    OnDemand,
    /// From a pool that is reserved with the engine.
    Pooling(PoolingAllocationConfig),
}

impl InstanceAllocationStrategy {
    /// A pool with the limits that the major has by default.
    pub fn pooling() -> Self {
        Self::Pooling(PoolingAllocationConfig::new())
    }
}

impl From<PoolingAllocationConfig> for InstanceAllocationStrategy {
    fn from(config: PoolingAllocationConfig) -> Self {
        Self::Pooling(config)
    }
}

/// Whether something that depends on the machine is used.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() {
/// use wasmtime_compat::{Config, Enabled, Engine, Newest, PoolingAllocationConfig};
///
/// let mut pool = PoolingAllocationConfig::new();
/// pool.total_memories(10).max_memory_size(128 << 20).memory_protection_keys(Enabled::Auto);
/// // With the keys where the processor has them, and without them elsewhere.
/// assert!(Engine::<Newest>::new(&Config::new().allocation_strategy(pool)).is_ok());
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Enabled {
    /// If the machine has it.
    Auto,
    /// Yes; creating an engine fails on a machine that lacks it.
    Yes,
    /// No.
    No,
}

/// The most slots of one kind in a pool: the major keeps a record of each.
const MOST_SLOTS: u32 = 1 << 20;

/// No module that Wasmtime accepts has more memories. Whenever a module is dropped, Wasmtime takes as many steps as a module may
/// have memories: with the largest number it would take minutes.
const MOST_MEMORIES: u32 = 1000;

/// The most bytes of address space for one memory; no larger memory fits into any address space.
const MOST_MEMORY: usize = (1_u64 << 46) as usize;

/// As good as no limit, and far from overflowing where a major rounds it up.
const MOST_SIZE: usize = isize::MAX as usize & !0xf_ffff;

/// What the sizes of what stays resident are rounded up to: up to 24 Wasmtime hands them to the operating system, which takes
/// whole pages. No supported system has larger pages.
const PAGES: u64 = 0x1_0000;

/// Declares the limits of a pool, each with its setter.
macro_rules! limits {
    ($($(#[doc = $doc:literal])* $name:ident($value:ident: $type:ty) = $kept:expr;)*) => {
        /// The limits of a pool of instances, memories, tables and stacks, under the newest Wasmtime's names and in bytes on
        /// every major. What is not set is what the major has by default.
        ///
        /// ```
        /// # #[cfg(feature = "_runtime")]
        /// # fn main() -> wasmtime_compat::Result<()> {
        /// use wasmtime_compat::{Config, Engine, Newest, PoolingAllocationConfig};
        ///
        /// let mut pool = PoolingAllocationConfig::new();
        /// pool.total_memories(10).total_tables(10).max_memory_size(16 << 20);
        /// let engine = Engine::<Newest>::new(&Config::new().allocation_strategy(pool))?;
        /// # let _ = engine;
        /// # Ok(())
        /// # }
        /// # #[cfg(not(feature = "_runtime"))]
        /// # fn main() {}
        /// ```
        #[derive(Clone, Debug, Default)]
        pub struct PoolingAllocationConfig {
            $(pub(crate) $name: Option<$type>,)*
        }

        impl PoolingAllocationConfig {
            $(
                $(#[doc = $doc])*
                pub fn $name(&mut self, $value: $type) -> &mut Self {
                    self.$name = Some($kept);
                    self
                }
            )*
        }
    };
}

limits! {
    /// How many slots that other modules have used stay as they are before such a slot is given to a new module.
    max_unused_warm_slots(count: u32) = count;
    /// How many slots are emptied at once. [`ErrorKind::Unsupported`] up to Wasmtime 21, which empties each at once.
    decommit_batch_size(count: usize) = count;
    /// The bytes of the stack of an asynchronous call that stay resident when the stack is returned to the pool. Rounded up to a
    /// multiple of 64 KiB. Needs the whole major.
    async_stack_keep_resident(bytes: usize) = resident(bytes);
    /// The bytes of a memory that stay resident when the memory is returned to the pool; on Linux only. Rounded up to a
    /// multiple of 64 KiB.
    linear_memory_keep_resident(bytes: usize) = resident(bytes);
    /// The bytes of a table that stay resident when the table is returned to the pool; on Linux only. Rounded up to a multiple of
    /// 64 KiB.
    table_keep_resident(bytes: usize) = resident(bytes);
    /// The most instances of components at a time.
    total_component_instances(count: u32) = count;
    /// The most bytes for what Wasmtime keeps of an instance of a component.
    max_component_instance_size(bytes: usize) = bytes.min(MOST_SIZE);
    /// The most instances of modules in one component.
    max_core_instances_per_component(count: u32) = count;
    /// The most memories in one component.
    max_memories_per_component(count: u32) = count;
    /// The most tables in one component.
    max_tables_per_component(count: u32) = count;
    /// The most memories at a time; at most 1,048,576. Address space for all of them is reserved with the engine:
    /// [`Config::memory_reservation`] and the guard region for each.
    total_memories(count: u32) = count;
    /// The most tables at a time; at most 1,048,576.
    total_tables(count: u32) = count;
    /// The most asynchronous calls at a time; at most 1,048,576. Needs the whole major.
    total_stacks(count: u32) = count;
    /// The most instances of modules at a time.
    total_core_instances(count: u32) = count;
    /// The most bytes for what Wasmtime keeps of an instance of a module.
    max_core_instance_size(bytes: usize) = bytes.min(MOST_SIZE);
    /// The most tables that a module may define.
    max_tables_per_module(count: u32) = count;
    /// The most elements of a table; at most 4,294,967,295.
    table_elements(count: usize) = count;
    /// The most memories that a module may define.
    max_memories_per_module(count: u32) = count.min(MOST_MEMORIES);
    /// The largest size of a memory, in bytes; at most 64 TiB. Rounded up to a multiple of 64 KiB: up to 21 Wasmtime counts
    /// pages. From 22 on it may not be more than [`Config::memory_reservation`].
    max_memory_size(bytes: usize) = round_up(bytes as u64, PAGES).try_into().unwrap_or(bytes);
    /// The most heaps of collected objects at a time; at most 1,048,576. [`ErrorKind::Unsupported`] up to Wasmtime 19, which
    /// has no pool of them.
    total_gc_heaps(count: u32) = count;
    /// Whether memories are emptied with the system call `PAGEMAP_SCAN` of Linux 6.7 and later.
    /// [`ErrorKind::Unsupported`] up to Wasmtime 36.
    pagemap_scan(enable: Enabled) = enable;
    /// Whether memories are kept apart by memory protection keys of the processor instead of guard regions, so that more of
    /// them fit into the address space. Off by default. It has an effect only if [`PoolingAllocationConfig::max_memory_size`] is
    /// far below the default of 4 GiB.
    ///
    /// Keys exist on Linux and x86-64 only, on newer processors: see
    /// [`PoolingAllocationConfig::are_memory_protection_keys_available`]. [`Enabled::Yes`] is [`ErrorKind::Unsupported`] where they
    /// do not exist, and [`Enabled::Auto`] is then [`Enabled::No`].
    ///
    /// The processor keeps the permission for each thread, and a thread has that of the thread that started it. So create the
    /// engine before the threads that use its memories: Wasmtime up to the newest does not give others the permission, and a
    /// host that reads memory of a guest on such a thread ends with a segmentation fault. A process has 15 keys; the first
    /// engine of a major takes as many as [`PoolingAllocationConfig::max_memory_protection_keys`] permits, for all engines of
    /// that major, and keeps them.
    memory_protection_keys(enable: Enabled) = enable;
    /// The most memory protection keys that the engines of a major take; Wasmtime's default is 16, which is all. Only the
    /// number that the first engine has counts.
    max_memory_protection_keys(count: usize) = count;
}

fn resident(bytes: usize) -> usize {
    round_up(bytes as u64, PAGES).try_into().map_or(MOST_SIZE, |bytes: usize| bytes.min(MOST_SIZE))
}

impl PoolingAllocationConfig {
    /// Limits of which none is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether this machine has memory protection keys; see [`PoolingAllocationConfig::memory_protection_keys`]. Wasmtime's
    /// function of this name has no parameter; `W` is the major that looks.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Config, Enabled, Engine, Newest, PoolingAllocationConfig};
    ///
    /// let mut pool = PoolingAllocationConfig::new();
    /// pool.total_memories(10).max_memory_size(128 << 20).memory_protection_keys(Enabled::Yes);
    /// let engine = Engine::<Newest>::new(&Config::new().allocation_strategy(pool));
    /// assert!(engine.is_ok() || !PoolingAllocationConfig::are_memory_protection_keys_available::<Newest>());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn are_memory_protection_keys_available<W: Engines>() -> bool {
        W::protection_keys_available()
    }

    /// Refuses limits on which some major would end the process or overflow, and those that need more than these parts.
    pub(super) fn check(&self, major: u64, parts: Parts) -> Result<()> {
        let slots = [
            ("total_memories", self.total_memories),
            ("total_tables", self.total_tables),
            ("total_stacks", self.total_stacks),
            ("total_gc_heaps", self.total_gc_heaps),
        ];
        for (name, count) in slots {
            at_most(name, count.map(u64::from), u64::from(MOST_SLOTS), "")?;
        }
        at_most("table_elements", self.table_elements.map(|count| count as u64), u64::from(u32::MAX), "")?;
        at_most("max_memory_size", self.max_memory_size.map(|bytes| bytes as u64), MOST_MEMORY as u64, " bytes")?;
        let of_stacks = [
            ("total_stacks", self.total_stacks.is_some()),
            ("async_stack_keep_resident", self.async_stack_keep_resident.is_some()),
        ];
        for (name, _) in of_stacks.into_iter().filter(|(_, is_set)| *is_set) {
            parts.expect(Part::Async, major, &limit(name))?;
        }
        Ok(())
    }
}

/// How a limit of a pool is named in errors.
pub(crate) fn limit(name: &str) -> String {
    format!("the limit `{name}` of a pool")
}

fn at_most(name: &str, value: Option<u64>, most: u64, unit: &str) -> Result<()> {
    match value {
        Some(value) if value > most => {
            Err(Error::new(ErrorKind::Config, format!("`{name}` is {value}{unit}: the most is {most}")))
        }
        _ => Ok(()),
    }
}

impl Config {
    /// How instances, memories, tables and stacks are allocated: on demand, or from a pool, which a [`PoolingAllocationConfig`]
    /// stands for as well. From a pool instances start faster, and what all guests together take is bounded: if a limit is
    /// reached, they fail to start with [`ErrorKind::PoolExhausted`].
    ///
    /// Compiled code does not depend on the strategy.
    #[must_use]
    pub fn allocation_strategy(mut self, strategy: impl Into<InstanceAllocationStrategy>) -> Self {
        self.allocation_strategy = strategy.into();
        self
    }
}
