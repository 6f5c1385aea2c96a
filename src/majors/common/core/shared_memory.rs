//! Linear memories that threads share.

use std::cell::UnsafeCell;

use super::memory::not_grown;
use super::{V, error, types, wasmtime};
use crate::MemoryType;
use crate::backend::SharedMemories;
use crate::bounds::Data;
use crate::error::Result;

impl SharedMemories for V {
    type SharedMemory = wasmtime::SharedMemory;

    fn new_shared_memory(engine: &wasmtime::Engine, ty: &MemoryType) -> Result<wasmtime::SharedMemory> {
        wasmtime::SharedMemory::new(engine, types::memory_type_in_major(ty)?).map_err(error::shared_memory)
    }

    fn instance_shared_memory<T: Data>(
        instance: &wasmtime::Instance,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
    ) -> Option<wasmtime::SharedMemory> {
        instance.get_shared_memory(context, name)
    }

    fn shared_memory_type(memory: &wasmtime::SharedMemory) -> MemoryType {
        types::memory_type(&memory.ty())
    }

    #[inline]
    fn shared_memory_data(memory: &wasmtime::SharedMemory) -> &[UnsafeCell<u8>] {
        memory.data()
    }

    fn shared_memory_grow(memory: &wasmtime::SharedMemory, pages: u64) -> Result<u64> {
        memory.grow(pages).map_err(not_grown)
    }

    fn shared_memory_notify(memory: &wasmtime::SharedMemory, address: u64, count: u32) -> Result<u32> {
        memory.atomic_notify(address, count).map_err(|trap| error::call(trap.into()))
    }
}
