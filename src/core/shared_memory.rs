//! Owns `SharedMemory`: linear memories that belong to no store, and that threads share.

use std::cell::UnsafeCell;

use super::{Instance, Instances, MemoryType};
use crate::bounds::Data;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::handle::handle;
use crate::store::AsContextMut;

/// A linear memory that belongs to no store, and that guests on several threads share. Cloning it gives the same memory.
///
/// An engine has shared memories with [`Config::shared_memory`](crate::Config::shared_memory). The limits of stores do not count
/// them.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, MemoryType, Newest, SharedMemory};
///
/// let engine = Engine::<Newest>::new(&Config::new().shared_memory(true))?;
/// let memory = SharedMemory::new(&engine, MemoryType::shared(1, 2))?;
/// assert_eq!(memory.grow(1)?, 1);
/// assert_eq!((memory.size(), memory.data().len()), (2, 2 << 16));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct SharedMemory<W: SharedMemories> {
    raw: W::SharedMemory,
}

impl<W: SharedMemories> SharedMemory<W> {
    /// A new memory that threads can share.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the type is not that of a shared memory or contradicts itself;
    /// [`ErrorKind::Unsupported`] if the engine has no shared memories; [`ErrorKind::Other`] if the operating system
    /// forbids the memory.
    pub fn new(engine: &Engine<W>, ty: MemoryType) -> Result<Self> {
        if !ty.is_shared() {
            return Err(Error::new(ErrorKind::InvalidArgument, format!("a shared memory cannot have the type `{ty}`"))
                .with_hint("MemoryType::shared is the type of a memory that threads share"));
        }
        engine.expect_shared_memory()?;
        Ok(Self { raw: W::new_shared_memory(engine.as_raw(), &ty)? })
    }

    /// The type of the memory.
    pub fn ty(&self) -> MemoryType {
        W::shared_memory_type(&self.raw)
    }

    /// The size of the memory in pages.
    pub fn size(&self) -> u64 {
        (self.data_size() as u64) / self.page_size()
    }

    /// The size of a page of the memory in bytes.
    pub fn page_size(&self) -> u64 {
        self.ty().page_size()
    }

    /// The size of the memory in bytes.
    pub fn data_size(&self) -> usize {
        self.data().len()
    }

    /// The bytes of the memory. Guests on other threads may change the bytes at any time, so each access must be atomic;
    /// see the documentation of Wasmtime's `SharedMemory::data`.
    #[inline]
    pub fn data(&self) -> &[UnsafeCell<u8>] {
        W::shared_memory_data(&self.raw)
    }

    /// Grows the memory by this many pages; returns the number of pages before.
    ///
    /// # Errors
    /// [`ErrorKind::Other`] if the maximum of the memory or the operating system forbids it.
    pub fn grow(&self, pages: u64) -> Result<u64> {
        W::shared_memory_grow(&self.raw, pages)
    }

    /// Wakes up to `count` threads that wait at this address in a guest; returns the number of threads woken.
    ///
    /// # Errors
    /// [`ErrorKind::Trap`] if the address is out of bounds or not a multiple of four.
    pub fn atomic_notify(&self, address: u64, count: u32) -> Result<u32> {
        W::shared_memory_notify(&self.raw, address, count)
    }
}

impl<W: SharedMemories> Instance<W> {
    /// An exported memory that threads share, if there is one of that name; `None` for a store that the instance does not
    /// belong to.
    pub fn get_shared_memory(&self, mut store: impl AsContextMut<W>, name: &str) -> Option<SharedMemory<W>> {
        let context = store.as_context_mut();
        context.ambient().id.expect(self.store, "instance").ok()?;
        W::instance_shared_memory(&self.raw, context.raw, name).map(SharedMemory::from_raw)
    }
}

handle! { [W: SharedMemories] SharedMemory[W] is W::SharedMemory, Clone }

/// Shared memories of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait SharedMemories: Instances {
    /// `wasmtime::SharedMemory`.
    type SharedMemory: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn new_shared_memory(engine: &Self::Engine, ty: &MemoryType) -> Result<Self::SharedMemory>;
    #[doc(hidden)]
    fn instance_shared_memory<T: Data>(
        instance: &Self::Instance,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
    ) -> Option<Self::SharedMemory>;
    #[doc(hidden)]
    fn shared_memory_type(memory: &Self::SharedMemory) -> MemoryType;
    #[doc(hidden)]
    fn shared_memory_data(memory: &Self::SharedMemory) -> &[UnsafeCell<u8>];
    #[doc(hidden)]
    fn shared_memory_grow(memory: &Self::SharedMemory, pages: u64) -> Result<u64>;
    #[doc(hidden)]
    fn shared_memory_notify(memory: &Self::SharedMemory, address: u64, count: u32) -> Result<u32>;
}
