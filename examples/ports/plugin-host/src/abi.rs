//! The ABI of plug-ins: bytes go in and come out through memory that the plug-in's own allocator returns.

use anyhow::{Context as _, Result};
use wasmtime_compat::newest::{AsContext, AsContextMut, Caller, Instance, Memory, Store, TypedFunc};

use crate::host::State;

/// The result of a plug-in's function that failed; the host function `error` has the reason.
pub const FAILED: u64 = u64::MAX;

/// The result of a host function that found nothing.
pub const NOTHING: u64 = 0;

/// Bytes in the memory of a plug-in. As one number, the address is in the upper half and the length in the lower.
#[derive(Clone, Copy)]
pub struct Buffer {
    pub address: u32,
    pub length: u32,
}

/// The exports that every plug-in has: `memory`, `alloc` and `dealloc`.
pub struct Abi {
    memory: Memory,
    alloc: TypedFunc<u32, u32>,
    dealloc: TypedFunc<(u32, u32), ()>,
}

impl Buffer {
    pub fn unpack(packed: u64) -> Self {
        Self { address: (packed >> 32) as u32, length: packed as u32 }
    }

    pub fn pack(self) -> u64 {
        u64::from(self.address) << 32 | u64::from(self.length)
    }
}

impl Abi {
    /// The exports of a plug-in that the host calls.
    pub fn of_instance(store: &mut Store<State>, instance: &Instance) -> Result<Self> {
        Ok(Self {
            memory: instance.get_memory(&mut *store, "memory").context("the plug-in exports no memory")?,
            alloc: instance.get_typed_func(&mut *store, "alloc")?,
            dealloc: instance.get_typed_func(&mut *store, "dealloc")?,
        })
    }

    /// The exports of the plug-in that called the host.
    pub fn of_caller(caller: &mut Caller<'_, State>) -> Result<Self> {
        let memory = caller.get_memory("memory");
        let alloc = caller.get_func("alloc");
        let dealloc = caller.get_func("dealloc");
        Ok(Self {
            memory: memory.context("the plug-in exports no memory")?,
            alloc: alloc.context("the plug-in exports no `alloc`")?.typed(&*caller)?,
            dealloc: dealloc.context("the plug-in exports no `dealloc`")?.typed(&*caller)?,
        })
    }

    /// Copies bytes into memory that the plug-in allocates.
    pub fn give(&self, mut store: impl AsContextMut<Data = State>, bytes: &[u8]) -> Result<Buffer> {
        let length = u32::try_from(bytes.len()).context("more bytes than a plug-in can have")?;
        let address = self.alloc.call(&mut store, length)?;
        self.memory.write(&mut store, address as usize, bytes)?;
        Ok(Buffer { address, length })
    }

    /// Copies bytes out of the plug-in's memory.
    pub fn read(&self, store: impl AsContext<Data = State>, buffer: Buffer) -> Result<Vec<u8>> {
        let Buffer { address, length } = buffer;
        let range = (address as usize).checked_add(length as usize).map(|end| address as usize..end);
        let bytes = range.and_then(|range| self.memory.data(store.as_context()).get(range).map(<[u8]>::to_vec));
        bytes.with_context(|| format!("{length} bytes at {address:#x} are not in the memory of the plug-in"))
    }

    /// Returns bytes to the plug-in's allocator.
    pub fn free(&self, store: impl AsContextMut<Data = State>, buffer: Buffer) -> Result<()> {
        Ok(self.dealloc.call(store, (buffer.address, buffer.length))?)
    }
}
