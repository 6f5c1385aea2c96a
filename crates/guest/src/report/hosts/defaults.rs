//! Owns the default limits of a store of `wasmtime-compat`, as far as they decide which guests start.

/// Limits that all instances of a store have together.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of memory.
    pub total_memory_bytes: u64,
    /// Elements of tables.
    pub total_table_elements: u64,
    /// Memories.
    pub memories: u64,
    /// Tables.
    pub tables: u64,
}

/// The limits of a new store.
pub const LIMITS: Limits =
    Limits { total_memory_bytes: 8 << 30, total_table_elements: 1 << 24, memories: 10_000, tables: 10_000 };
