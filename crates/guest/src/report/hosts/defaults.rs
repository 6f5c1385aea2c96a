//! Owns the default limits of a store of `wasmtime-compat`, as far as they decide which guests start.

/// Limits that all instances of a store have together.
///
/// ```
/// use wasmtime_compat_guest::report::defaults::{LIMITS, Limits};
/// use wasmtime_compat_guest::report::{GuestReport, HostReason};
///
/// let Limits { total_table_elements: limit, .. } = LIMITS;
/// let wasm = wat::parse_str(r#"(module (table 16777217 funcref) (func (export "_start")))"#).unwrap();
/// let newest = GuestReport::parse(&wasm)?.hosts().pop().unwrap();
/// let reason = HostReason::StoreLimit { what: "elements of tables", needed: limit + 1, limit };
/// assert_eq!(newest.reasons, [reason]);
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
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
