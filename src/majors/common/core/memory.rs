//! Linear memories.

use super::{StoreData, V, error, types, wasmtime};
use crate::MemoryType;
use crate::backend::Memories;
use crate::bounds::Data;
use crate::error::{Error, ErrorKind, Result};

impl Memories for V {
    type Memory = wasmtime::Memory;

    fn instance_memory<T: Data>(
        instance: &wasmtime::Instance,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
    ) -> Option<wasmtime::Memory> {
        instance.get_memory(context, name)
    }

    fn caller_memory<T: Data>(caller: &mut Self::Caller<'_, T>, name: &str) -> Option<wasmtime::Memory> {
        caller.get_export(name)?.into_memory()
    }

    fn new_memory<T: Data>(context: Self::StoreContextMut<'_, T>, ty: &MemoryType) -> Result<wasmtime::Memory> {
        wasmtime::Memory::new(context, types::memory_type_in_major(ty)?).map_err(not_created)
    }

    fn memory_type<T: Data>(memory: &wasmtime::Memory, context: Self::StoreContext<'_, T>) -> MemoryType {
        types::memory_type(&memory.ty(context))
    }

    #[inline]
    fn memory_data_and_store_mut<'a, T: Data>(
        memory: &wasmtime::Memory,
        context: Self::StoreContextMut<'a, T>,
    ) -> (&'a mut [u8], &'a mut T) {
        let (bytes, data): (_, &'a mut StoreData<T>) = memory.data_and_store_mut(context);
        (bytes, data.data_mut())
    }

    #[inline]
    fn memory_data_ptr<T: Data>(memory: &wasmtime::Memory, context: Self::StoreContext<'_, T>) -> *mut u8 {
        memory.data_ptr(context)
    }

    fn memory_data<'a, T: Data>(memory: &wasmtime::Memory, context: Self::StoreContext<'a, T>) -> &'a [u8] {
        memory.data(context)
    }

    fn memory_data_mut<'a, T: Data>(memory: &wasmtime::Memory, context: Self::StoreContextMut<'a, T>) -> &'a mut [u8] {
        memory.data_mut(context)
    }

    fn memory_size<T: Data>(memory: &wasmtime::Memory, context: Self::StoreContext<'_, T>) -> u64 {
        memory.size(context)
    }

    fn memory_page_size<T: Data>(memory: &wasmtime::Memory, context: Self::StoreContext<'_, T>) -> u64 {
        memory.page_size(context)
    }

    fn memory_grow<T: Data>(
        memory: &wasmtime::Memory,
        context: Self::StoreContextMut<'_, T>,
        pages: u64,
    ) -> Result<u64> {
        memory.grow(context, pages).map_err(not_grown)
    }
}

#[cold]
pub(in super::super::super) fn not_created(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::Other, "cannot create the memory")
}

#[cold]
pub(in super::super::super) fn not_grown(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::OutOfBounds, "cannot grow the memory")
}

/// Up to 22 memories have no `page_size`, because all pages have one size. From 23 on the method of the memory itself comes
/// before this one.
#[allow(dead_code, reason = "from 23 on the method of the memory itself is called")]
trait FixedPages {
    fn page_size<C>(&self, _: C) -> u64 {
        1 << 16
    }
}

impl FixedPages for wasmtime::Memory {}
