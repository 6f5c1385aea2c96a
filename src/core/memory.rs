//! Owns `Memory`: the linear memories of core instances.

use super::{Instance, Instances};
use crate::bounds::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::handle::handle;
use crate::store::{AsContext, AsContextMut, Caller, StoreContext, StoreContextMut};

/// A linear memory: a handle into its store.
pub struct Memory<W: Memories> {
    raw: W::Memory,
}

impl<W: Memories> Memory<W> {
    /// The bytes of the memory. They stay borrowed with the store, since calling the guest may move them.
    pub fn data<'a, T: Data>(&self, store: impl Into<StoreContext<'a, W, T>>) -> &'a [u8] {
        W::memory_data(&self.raw, store.into().raw)
    }

    /// The bytes of the memory, mutably. They stay borrowed with the store, since calling the guest may move them.
    pub fn data_mut<'a, T: Data>(&self, store: impl Into<StoreContextMut<'a, W, T>>) -> &'a mut [u8] {
        W::memory_data_mut(&self.raw, store.into().raw)
    }

    /// The size of the memory in bytes.
    pub fn data_size(&self, store: impl AsContext<W>) -> usize {
        self.data(store.as_context()).len()
    }

    /// The size of the memory in pages (64 KiB unless the memory defines another page size).
    pub fn size(&self, store: impl AsContext<W>) -> u64 {
        W::memory_size(&self.raw, store.as_context().raw)
    }

    /// The size of one page of the memory in bytes: 65,536 unless the memory defines another page size, which is possible
    /// from 23 on.
    pub fn page_size(&self, store: impl AsContext<W>) -> u64 {
        W::memory_page_size(&self.raw, store.as_context().raw)
    }

    /// Copies bytes out of the memory.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] if `offset` and the buffer reach beyond the end of the memory; nothing is copied then.
    pub fn read(&self, store: impl AsContext<W>, offset: usize, buffer: &mut [u8]) -> Result<()> {
        let data = self.data(store.as_context());
        let range = offset.checked_add(buffer.len()).and_then(|end| data.get(offset..end));
        buffer.copy_from_slice(range.ok_or_else(|| out_of_range(offset, buffer.len(), data.len()))?);
        Ok(())
    }

    /// Copies bytes into the memory.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] if `offset` and the bytes reach beyond the end of the memory; nothing is copied then.
    pub fn write(&self, mut store: impl AsContextMut<W>, offset: usize, bytes: &[u8]) -> Result<()> {
        let data = self.data_mut(store.as_context_mut());
        let size = data.len();
        let range = offset.checked_add(bytes.len()).and_then(|end| data.get_mut(offset..end));
        range.ok_or_else(|| out_of_range(offset, bytes.len(), size))?.copy_from_slice(bytes);
        Ok(())
    }

    /// Grows the memory by this many pages (64 KiB unless the memory defines another page size); returns the number of
    /// pages before.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] if the maximum of the memory or the store's limit forbids it.
    pub fn grow(&self, mut store: impl AsContextMut<W>, pages: u64) -> Result<u64> {
        W::memory_grow(&self.raw, store.as_context_mut().raw, pages)
    }
}

impl<W: Memories> Instance<W> {
    /// An exported memory, if there is one of that name.
    pub fn get_memory(&self, mut store: impl AsContextMut<W>, name: &str) -> Option<Memory<W>> {
        W::instance_memory(&self.raw, store.as_context_mut().raw, name).map(Memory::from_raw)
    }
}

impl<W: Memories, T: Data> Caller<'_, W, T> {
    /// A memory exported by the calling instance, if there is one of that name.
    pub fn get_memory(&mut self, name: &str) -> Option<Memory<W>> {
        W::caller_memory(&mut self.raw, name).map(Memory::from_raw)
    }
}

#[cold]
fn out_of_range(offset: usize, len: usize, size: usize) -> Error {
    Error::new(ErrorKind::OutOfBounds, format!("out of range: {len} bytes at {offset} of a memory of {size} bytes"))
}

handle! { [W: Memories] Memory[W] is W::Memory, Copy }

/// Linear memories of a major.
pub trait Memories: Instances {
    /// `wasmtime::Memory`.
    type Memory: Copy + Send + Sync + 'static;

    #[doc(hidden)]
    fn instance_memory<T: Data>(
        instance: &Self::Instance,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
    ) -> Option<Self::Memory>;
    #[doc(hidden)]
    fn caller_memory<T: Data>(caller: &mut Self::Caller<'_, T>, name: &str) -> Option<Self::Memory>;
    #[doc(hidden)]
    fn memory_data<'a, T: Data>(memory: &Self::Memory, context: Self::StoreContext<'a, T>) -> &'a [u8];
    #[doc(hidden)]
    fn memory_data_mut<'a, T: Data>(memory: &Self::Memory, context: Self::StoreContextMut<'a, T>) -> &'a mut [u8];
    #[doc(hidden)]
    fn memory_size<T: Data>(memory: &Self::Memory, context: Self::StoreContext<'_, T>) -> u64;
    #[doc(hidden)]
    fn memory_page_size<T: Data>(memory: &Self::Memory, context: Self::StoreContext<'_, T>) -> u64;
    #[doc(hidden)]
    fn memory_grow<T: Data>(memory: &Self::Memory, context: Self::StoreContextMut<'_, T>, pages: u64) -> Result<u64>;
}
