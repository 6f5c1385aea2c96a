//! Linear memories.

use super::{V, error, wasmtime};
use crate::backend::Memories;
use crate::bounds::Data;
use crate::error::{ErrorKind, Result};

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
        memory
            .grow(context, pages)
            .map_err(|raw| error::classify(raw, ErrorKind::OutOfBounds, "cannot grow the memory"))
    }
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
