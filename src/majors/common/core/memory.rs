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
