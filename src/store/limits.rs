//! Owns what the guests of a store may take of the machine, and the counting of memory and tables.

use std::fmt;

use crate::error::Error;
use crate::wasi::calls::CallLimits;

use wasmtime_compat_guest::internal::defaults::LIMITS;

/// Limits on the resources that the guests of a store use.
///
/// A new store has the limits of [`StoreLimits::new`]. They are far above what real guests need; they are there because
/// no major bounds everything by itself, and several end the process when a guest requests too much. The greatest
/// number of its type lifts a limit, and [`StoreLimits::unlimited`] lifts them all.
///
/// ```
/// use wasmtime_compat::StoreLimits;
///
/// let limits = StoreLimits::new().memory_size(64 << 20).total_table_elements(usize::MAX);
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StoreLimits {
    pub(crate) memory_size: usize,
    pub(crate) total_memory_bytes: usize,
    pub(crate) table_elements: usize,
    pub(crate) total_table_elements: usize,
    pub(crate) instances: usize,
    pub(crate) memories: usize,
    pub(crate) tables: usize,
    pub(crate) trap_on_grow_failure: bool,
    pub(crate) calls: CallLimits,
}

/// A limit on this machine.
const fn size(limit: u64) -> usize {
    if limit > usize::MAX as u64 { usize::MAX } else { limit as usize }
}

/// The limits of stores that were given none of their own.
static DEFAULTS: StoreLimits = StoreLimits::new();

impl StoreLimits {
    /// The limits of a new store:
    ///
    /// | limit | value | of a guest beyond it |
    /// |---|---|---|
    /// | [`memory_size`](Self::memory_size) | none | |
    /// | [`total_memory_bytes`](Self::total_memory_bytes) | 8 GiB | `memory.grow` returns -1; instantiation fails; a trap (HTTP) |
    /// | [`table_elements`](Self::table_elements) | none | |
    /// | [`total_table_elements`](Self::total_table_elements) | 16,777,216 | `table.grow` returns -1; instantiation fails |
    /// | [`instances`](Self::instances), [`memories`](Self::memories), [`tables`](Self::tables) | 10,000 each | instantiation fails |
    /// | [`hostcall_fuel`](Self::hostcall_fuel) | 128 MiB | `ENOMEM` (preview1), a trap (WASI 0.2) |
    /// | [`handles`](Self::handles) | 1,000,000 | a trap |
    ///
    /// The last two are the defaults of Wasmtime 42 and later, on every major.
    pub const fn new() -> Self {
        Self {
            memory_size: usize::MAX,
            total_memory_bytes: size(LIMITS.total_memory_bytes),
            table_elements: usize::MAX,
            total_table_elements: size(LIMITS.total_table_elements),
            instances: 10_000,
            memories: size(LIMITS.memories),
            tables: size(LIMITS.tables),
            trap_on_grow_failure: false,
            calls: CallLimits::DEFAULT,
        }
    }

    /// No limits beyond those that Wasmtime always has. On most majors a guest can then end the process.
    pub const fn unlimited() -> Self {
        Self {
            memory_size: usize::MAX,
            total_memory_bytes: usize::MAX,
            table_elements: usize::MAX,
            total_table_elements: usize::MAX,
            instances: usize::MAX,
            memories: usize::MAX,
            tables: usize::MAX,
            trap_on_grow_failure: false,
            calls: CallLimits { bytes: usize::MAX, handles: usize::MAX },
        }
    }

    /// Bytes of each linear memory.
    #[must_use]
    pub fn memory_size(mut self, bytes: usize) -> Self {
        self.memory_size = bytes;
        self
    }

    /// Bytes of all linear memories of the store together. From 33 on the heap of the GC proposal counts too.
    ///
    /// What the HTTP resources of the store hold in the host is counted on its own, and has the same limit; a guest beyond it traps.
    #[must_use]
    pub fn total_memory_bytes(mut self, bytes: usize) -> Self {
        self.total_memory_bytes = bytes;
        self
    }

    /// Elements of each table.
    #[must_use]
    pub fn table_elements(mut self, elements: usize) -> Self {
        self.table_elements = elements;
        self
    }

    /// Elements of all tables of the store together; each takes 8 or 16 bytes of the host.
    #[must_use]
    pub fn total_table_elements(mut self, elements: usize) -> Self {
        self.total_table_elements = elements;
        self
    }

    /// Core instances in the store.
    #[must_use]
    pub fn instances(mut self, instances: usize) -> Self {
        self.instances = instances;
        self
    }

    /// Linear memories in the store.
    #[must_use]
    pub fn memories(mut self, memories: usize) -> Self {
        self.memories = memories;
        self
    }

    /// Tables in the store.
    #[must_use]
    pub fn tables(mut self, tables: usize) -> Self {
        self.tables = tables;
        self
    }

    /// Whether growing beyond a limit is an error instead of a `-1` in the guest.
    #[must_use]
    pub fn trap_on_grow_failure(mut self, on: bool) -> Self {
        self.trap_on_grow_failure = on;
        self
    }

    /// Bytes that one call into WASI may copy from the guest into the host: buffers, paths, fields and lists together.
    /// (Wasmtime's `Store::set_hostcall_fuel`; on majors without it WASI's functions are checked here.)
    #[must_use]
    pub fn hostcall_fuel(mut self, bytes: usize) -> Self {
        self.calls.bytes = bytes;
        self
    }

    /// Entries of the store's table of WASI resources: open files and directories, streams, pollables, sockets, and
    /// the requests, responses, bodies and fields of HTTP.
    ///
    /// The operating system's own limit of open files holds for the whole process; a host that runs guests which it
    /// does not trust sets this below it.
    #[must_use]
    pub fn handles(mut self, handles: usize) -> Self {
        self.calls.handles = handles;
        self
    }
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self::new()
    }
}

/// Counts the memory and the table elements of a store against its limits.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    // Boxed, and absent while the store has the defaults: most stores do, and each is copied several times while it is made.
    limits: Option<Box<StoreLimits>>,
    memory: Count,
    elements: Count,
}

/// An amount in use, and by how much it was last raised.
#[derive(Debug, Default)]
struct Count {
    used: usize,
    last: usize,
}

impl Meter {
    #[inline]
    pub(crate) fn limits(&self) -> &StoreLimits {
        self.limits.as_deref().unwrap_or(&DEFAULTS)
    }

    pub(crate) fn set_limits(&mut self, limits: &StoreLimits) {
        self.limits = Some(Box::new(*limits));
    }

    /// Whether a memory may grow from `current` to `desired` bytes; `maximum` is the memory's own.
    ///
    /// # Errors
    /// [`LimitExceeded`] instead of `false` if growing beyond a limit shall be an error.
    pub(crate) fn memory(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimitExceeded> {
        let StoreLimits { memory_size, total_memory_bytes, .. } = *self.limits();
        let grown = self.memory.grow(current, desired, [maximum, Some(memory_size)], total_memory_bytes);
        self.verdict(grown, "memory", desired)
    }

    /// Whether a table may grow from `current` to `desired` elements; `maximum` is the table's own.
    ///
    /// # Errors
    /// As [`Meter::memory`].
    pub(crate) fn table(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimitExceeded> {
        let StoreLimits { table_elements, total_table_elements, .. } = *self.limits();
        let grown = self.elements.grow(current, desired, [maximum, Some(table_elements)], total_table_elements);
        self.verdict(grown, "table", desired)
    }

    /// The memory that may grow could not: what was counted for it is free again.
    pub(crate) fn memory_failed(&mut self) {
        self.memory.undo();
    }

    /// The table that may grow could not.
    pub(crate) fn table_failed(&mut self) {
        self.elements.undo();
    }

    fn verdict(&self, grown: bool, what: &'static str, desired: usize) -> Result<bool, LimitExceeded> {
        if !grown && self.limits().trap_on_grow_failure {
            return Err(LimitExceeded { what, desired });
        }
        Ok(grown)
    }
}

impl Count {
    fn grow(&mut self, current: usize, desired: usize, each: [Option<usize>; 2], total: usize) -> bool {
        let growth = desired.saturating_sub(current);
        let used = self.used.saturating_add(growth);
        let fits = each.into_iter().flatten().all(|most| desired <= most) && used <= total;
        (self.used, self.last) = if fits { (used, growth) } else { (self.used, 0) };
        fits
    }

    fn undo(&mut self) {
        self.used -= std::mem::take(&mut self.last);
    }
}

/// A memory or a table that was to grow beyond a limit of its store, where that is an error
/// ([`StoreLimits::trap_on_grow_failure`]); see [`Error::limit_exceeded`].
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store, StoreLimits};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// // (module (memory 1) (func (export "grow") (param i32) (result i32) local.get 0 memory.grow))
/// let wasm = b"\0asm\x01\0\0\0\x01\x06\x01\x60\x01\x7f\x01\x7f\
///     \x03\x02\x01\0\x05\x03\x01\0\x01\x07\x08\x01\x04grow\0\0\x0a\x08\x01\x06\0\x20\0\x40\0\x0b";
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// store.set_limits(&StoreLimits::new().memory_size(2 << 16).trap_on_grow_failure(true));
/// let error = instance.get_typed_func::<i32, i32>(&mut store, "grow")?.call(&mut store, 2).unwrap_err();
/// let exceeded = error.limit_exceeded().unwrap();
/// assert_eq!((exceeded.what, exceeded.desired), ("memory", 3 << 16));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LimitExceeded {
    /// `"memory"` or `"table"`.
    pub what: &'static str,
    /// The size that it was to have: the bytes of a memory, or the elements of a table.
    pub desired: usize,
}

impl Error {
    /// The limit that a guest exceeded, if that is why it trapped with [`Trap::LimitExceeded`](crate::Trap::LimitExceeded).
    pub fn limit_exceeded(&self) -> Option<&LimitExceeded> {
        self.part()
    }
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if self.what == "memory" { "bytes" } else { "elements" };
        write!(f, "the store's limits do not allow a {} of {} {unit}", self.what, self.desired)
    }
}

impl std::error::Error for LimitExceeded {}

#[cfg(test)]
mod tests {
    //! Growth counts once, and not if it did not happen.

    use super::*;

    fn meter(limits: StoreLimits) -> Meter {
        let mut meter = Meter::default();
        meter.set_limits(&limits);
        meter
    }

    #[test]
    fn all_memories_count_together() {
        let mut meter = meter(StoreLimits::new().memory_size(60).total_memory_bytes(100));
        assert!(meter.memory(0, 60, None).unwrap());
        assert!(!meter.memory(0, 61, None).unwrap(), "one memory");
        assert!(!meter.memory(0, 41, None).unwrap(), "all together");
        assert!(!meter.memory(0, 40, Some(39)).unwrap(), "its own maximum");
        assert!(meter.memory(0, 40, None).unwrap());
        meter.memory_failed();
        meter.memory_failed();
        assert!(meter.memory(10, 50, None).unwrap(), "growth that failed is free again, once");
        assert!(!meter.memory(0, 1, None).unwrap());
    }

    #[test]
    fn growth_beyond_a_limit_is_an_error_if_asked_for() {
        let mut meter = meter(StoreLimits::new().table_elements(5).trap_on_grow_failure(true));
        assert!(meter.table(0, 5, None).unwrap());
        let error = meter.table(5, 6, None).unwrap_err();
        assert_eq!(error.to_string(), "the store's limits do not allow a table of 6 elements");
    }

    #[test]
    fn no_limit_is_no_limit() {
        let mut meter = meter(StoreLimits::unlimited());
        assert!(meter.memory(0, usize::MAX, None).unwrap());
        assert!(meter.memory(0, usize::MAX, None).unwrap());
    }
}
