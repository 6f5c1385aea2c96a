//! Owns `Memory`: the linear memories of core instances.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};
use crate::store::{AsContextMut, StoreContextMut};
use crate::wasmtime::Wasmtime;

/// A linear memory: a handle into its store.
pub struct Memory<W: Wasmtime> {
    raw: W::Memory,
}

impl<W: Wasmtime> Memory<W> {
    /// The bytes of the memory. They stay borrowed with the store, since calling the guest may move them.
    pub fn data<'a, T: Send + 'static>(&self, store: StoreContextMut<'a, W, T>) -> &'a mut [u8] {
        W::memory_data(&self.raw, store.raw)
    }

    /// Its size in bytes.
    pub fn size(&self, mut store: impl AsContextMut<W>) -> usize {
        self.data(store.as_context_mut()).len()
    }

    /// Copies bytes out of the memory.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if `offset` and the buffer reach beyond its end; nothing is copied then.
    pub fn read(&self, mut store: impl AsContextMut<W>, offset: usize, buffer: &mut [u8]) -> Result<()> {
        let range = self.range(self.data(store.as_context_mut()), offset, buffer.len())?;
        buffer.copy_from_slice(range);
        Ok(())
    }

    /// Copies bytes into the memory.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if `offset` and the bytes reach beyond its end; nothing is copied then.
    pub fn write(&self, mut store: impl AsContextMut<W>, offset: usize, bytes: &[u8]) -> Result<()> {
        self.range(self.data(store.as_context_mut()), offset, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    /// Grows it by so many pages (64 KiB unless the memory says otherwise); returns the number before.
    ///
    /// # Errors
    /// [`ErrorKind::Other`] if its maximum or the store's limit forbids it.
    pub fn grow(&self, mut store: impl AsContextMut<W>, pages: u64) -> Result<u64> {
        W::memory_grow(&self.raw, store.as_context_mut().raw, pages)
    }

    fn range<'a>(&self, data: &'a mut [u8], offset: usize, len: usize) -> Result<&'a mut [u8]> {
        let size = data.len();
        let range = offset.checked_add(len).and_then(|end| data.get_mut(offset..end));
        range.ok_or_else(|| {
            let message = format!("out of range: {len} bytes at {offset} of a memory of {size} bytes");
            Error::new(ErrorKind::Config, message)
        })
    }

    /// Wraps a memory got from the major itself.
    pub fn from_raw(raw: W::Memory) -> Self {
        Self { raw }
    }

    /// The major's own memory.
    pub fn as_raw(&self) -> &W::Memory {
        &self.raw
    }
}

impl<W: Wasmtime> Clone for Memory<W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W: Wasmtime> Copy for Memory<W> {}

impl<W: Wasmtime> fmt::Debug for Memory<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("major", &W::MAJOR).finish_non_exhaustive()
    }
}
