//! Owns `Memory`: the linear memories of core instances.

use super::{Instance, Instances, MemoryType};
use crate::bounds::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::handle::handle;
use crate::store::{AsContext, AsContextMut, Caller, StoreContext, StoreContextMut, StoreId};

/// A linear memory: a handle into its store.
///
/// A memory has no bytes in a store that it does not belong to: there its data is empty and its sizes are 0; reading, writing and
/// growing is [`ErrorKind::InvalidArgument`].
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Memory, MemoryType, Newest, Store};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, 0);
/// let memory = Memory::new(&mut store, MemoryType::new(1, Some(2)))?;
/// memory.write(&mut store, 10, b"text")?;
/// let (bytes, count) = memory.data_and_store_mut(&mut store);
/// *count += bytes.iter().filter(|byte| **byte == b't').count();
/// assert_eq!(*store.data(), 2);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Memory<W: Memories> {
    raw: W::Memory,
    pub(super) store: StoreId,
}

impl<W: Memories> Memory<W> {
    /// A new memory of the host's, for guests to import. The limits of the store count the memory.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if the major has no such memories; [`ErrorKind::InvalidArgument`] if the type contradicts itself
    /// or is that of a shared memory, which [`SharedMemory`](crate::SharedMemory) is for; [`ErrorKind::Other`] if the
    /// limits of the store or the operating system forbid the memory.
    pub fn new(mut store: impl AsContextMut<W>, ty: MemoryType) -> Result<Self> {
        expect_unshared(&ty)?;
        let context = store.as_context_mut();
        let store = context.ambient().id;
        Ok(Self { raw: W::new_memory(context.raw, &ty)?, store })
    }

    /// The type of the memory. Its minimum is the size at the beginning; [`Memory::size`] is the size now.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the memory belongs to another store.
    pub fn ty(&self, store: impl AsContext<W>) -> Result<MemoryType> {
        let context = store.as_context();
        context.ambient().id.expect(self.store, "memory")?;
        Ok(W::memory_type(&self.raw, context.raw))
    }

    /// The bytes of the memory. They stay borrowed with the store, since calling the guest may move them.
    #[inline]
    pub fn data<'a, T: Data>(&self, store: impl Into<StoreContext<'a, W, T>>) -> &'a [u8] {
        let context = store.into();
        if self.is_in(context.ambient().id) { W::memory_data(&self.raw, context.raw) } else { &[] }
    }

    /// The bytes of the memory, mutably. They stay borrowed with the store, since calling the guest may move them.
    #[inline]
    pub fn data_mut<'a, T: Data>(&self, store: impl Into<StoreContextMut<'a, W, T>>) -> &'a mut [u8] {
        let context = store.into();
        if self.is_in(context.ambient().id) { W::memory_data_mut(&self.raw, context.raw) } else { &mut [] }
    }

    /// The bytes of the memory and the data of the store, both mutably.
    ///
    /// # Panics
    /// If the memory belongs to another store, as Wasmtime does: there is no other way to the data for as long.
    #[inline]
    pub fn data_and_store_mut<'a, T: Data>(
        &self,
        store: impl Into<StoreContextMut<'a, W, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        W::memory_data_and_store_mut(&self.raw, store.into().raw)
    }

    /// The address of the first byte of the memory. The address is valid until the memory grows or the store is dropped.
    #[inline]
    pub fn data_ptr(&self, store: impl AsContext<W>) -> *mut u8 {
        let context = store.as_context();
        if self.is_in(context.ambient().id) {
            W::memory_data_ptr(&self.raw, context.raw)
        } else {
            std::ptr::dangling_mut()
        }
    }

    /// The size of the memory in bytes.
    #[inline]
    pub fn data_size(&self, store: impl AsContext<W>) -> usize {
        self.data(store.as_context()).len()
    }

    /// The size of the memory in pages (64 KiB unless the memory defines another page size).
    #[inline]
    pub fn size(&self, store: impl AsContext<W>) -> u64 {
        let context = store.as_context();
        if self.is_in(context.ambient().id) { W::memory_size(&self.raw, context.raw) } else { 0 }
    }

    /// The size of one page of the memory in bytes: 65,536 unless the memory defines another page size, which is possible
    /// from 23 on.
    pub fn page_size(&self, store: impl AsContext<W>) -> u64 {
        let context = store.as_context();
        if self.is_in(context.ambient().id) { W::memory_page_size(&self.raw, context.raw) } else { 0 }
    }

    /// Copies bytes out of the memory.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] if `offset` and the buffer reach beyond the end of the memory; nothing is copied then.
    /// [`ErrorKind::InvalidArgument`] if the memory belongs to another store.
    pub fn read(&self, store: impl AsContext<W>, offset: usize, buffer: &mut [u8]) -> Result<()> {
        let context = store.as_context();
        context.ambient().id.expect(self.store, "memory")?;
        let data = W::memory_data(&self.raw, context.raw);
        let range = offset.checked_add(buffer.len()).and_then(|end| data.get(offset..end));
        buffer.copy_from_slice(range.ok_or_else(|| out_of_range(offset, buffer.len(), data.len()))?);
        Ok(())
    }

    /// Copies bytes into the memory.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] if `offset` and the bytes reach beyond the end of the memory; nothing is copied then.
    /// [`ErrorKind::InvalidArgument`] if the memory belongs to another store.
    pub fn write(&self, mut store: impl AsContextMut<W>, offset: usize, bytes: &[u8]) -> Result<()> {
        let context = store.as_context_mut();
        context.ambient().id.expect(self.store, "memory")?;
        let data = W::memory_data_mut(&self.raw, context.raw);
        let size = data.len();
        let range = offset.checked_add(bytes.len()).and_then(|end| data.get_mut(offset..end));
        range.ok_or_else(|| out_of_range(offset, bytes.len(), size))?.copy_from_slice(bytes);
        Ok(())
    }

    /// Grows the memory by this many pages (64 KiB unless the memory defines another page size); returns the number of
    /// pages before.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`] if the maximum of the memory or the store's limit forbids it;
    /// [`ErrorKind::InvalidArgument`] if the memory belongs to another store.
    pub fn grow(&self, mut store: impl AsContextMut<W>, pages: u64) -> Result<u64> {
        let context = store.as_context_mut();
        context.ambient().id.expect(self.store, "memory")?;
        W::memory_grow(&self.raw, context.raw, pages)
    }

    #[inline]
    fn is_in(&self, store: StoreId) -> bool {
        store == self.store || self.store == StoreId::UNKNOWN
    }
}

impl<W: AsyncMemories> Memory<W> {
    /// As [`Memory::new`], on an async engine.
    ///
    /// # Errors
    /// As [`Memory::new`]; [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine.
    pub fn new_async(
        mut store: impl AsContextMut<W, Data: Send> + Send,
        ty: MemoryType,
    ) -> impl Future<Output = Result<Self>> + Send {
        async move {
            expect_unshared(&ty)?;
            let context = store.as_context_mut();
            context.ambient().mode.check_async()?;
            let store = context.ambient().id;
            Ok(Self { raw: W::new_memory_async(context.raw, &ty).await?, store })
        }
    }

    /// As [`Memory::grow`], on an async engine.
    ///
    /// # Errors
    /// As [`Memory::grow`]; [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine.
    pub fn grow_async(
        &self,
        mut store: impl AsContextMut<W, Data: Send> + Send,
        pages: u64,
    ) -> impl Future<Output = Result<u64>> + Send {
        async move {
            let context = store.as_context_mut();
            context.ambient().id.expect(self.store, "memory")?;
            context.ambient().mode.check_async()?;
            W::memory_grow_async(&self.raw, context.raw, pages).await
        }
    }
}

fn expect_unshared(ty: &MemoryType) -> Result<()> {
    if ty.is_shared() {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("a memory of one store cannot have the type `{ty}`"),
        )
        .with_hint("SharedMemory::new creates memories that threads share"));
    }
    Ok(())
}

impl<W: Memories> Instance<W> {
    /// An exported memory, if there is one of that name; `None` for a store that the instance does not belong to.
    pub fn get_memory(&self, mut store: impl AsContextMut<W>, name: &str) -> Option<Memory<W>> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        store.expect(self.store, "instance").ok()?;
        W::instance_memory(&self.raw, context.raw, name).map(|raw| Memory::in_store(raw, store))
    }
}

impl<W: Memories, T: Data> Caller<'_, W, T> {
    /// A memory exported by the calling instance, if there is one of that name.
    pub fn get_memory(&mut self, name: &str) -> Option<Memory<W>> {
        let store = self.as_context().ambient().id;
        W::caller_memory(&mut self.raw, name).map(|raw| Memory::in_store(raw, store))
    }
}

#[cold]
fn out_of_range(offset: usize, len: usize, size: usize) -> Error {
    Error::new(ErrorKind::OutOfBounds, format!("out of range: {len} bytes at {offset} of a memory of {size} bytes"))
}

handle! { [W: Memories] Memory[W] of a store is W::Memory }

/// Linear memories of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
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
    fn new_memory<T: Data>(context: Self::StoreContextMut<'_, T>, ty: &MemoryType) -> Result<Self::Memory>;
    #[doc(hidden)]
    fn memory_type<T: Data>(memory: &Self::Memory, context: Self::StoreContext<'_, T>) -> MemoryType;
    #[doc(hidden)]
    fn memory_data_and_store_mut<'a, T: Data>(
        memory: &Self::Memory,
        context: Self::StoreContextMut<'a, T>,
    ) -> (&'a mut [u8], &'a mut T);
    #[doc(hidden)]
    fn memory_data_ptr<T: Data>(memory: &Self::Memory, context: Self::StoreContext<'_, T>) -> *mut u8;
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

/// Asynchronous growth of linear memories of a major, for limiters that take time to decide.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait AsyncMemories: Memories {
    #[doc(hidden)]
    fn new_memory_async<T: Data + Send>(
        context: Self::StoreContextMut<'_, T>,
        ty: &MemoryType,
    ) -> impl Future<Output = Result<Self::Memory>> + Send;
    #[doc(hidden)]
    fn memory_grow_async<T: Data + Send>(
        memory: &Self::Memory,
        context: Self::StoreContextMut<'_, T>,
        pages: u64,
    ) -> impl Future<Output = Result<u64>> + Send;
}
