//! The guest's memory for checked preview1 calls, 18 to 21: an object that counts its borrows, and which pointers refer to.

use super::wiggle::{GuestMemory as _, GuestPtr, wasmtime::WasmtimeGuestMemory};
use crate::wasi::calls::Memory;

impl Memory for WasmtimeGuestMemory<'_> {
    fn number(&self, address: u32) -> Option<u32> {
        GuestPtr::<u32>::new(self, address).read().ok()
    }

    fn long(&self, address: u32) -> Option<u64> {
        GuestPtr::<u64>::new(self, address).read().ok()
    }

    fn set_number(&mut self, address: u32, value: u32) -> Option<()> {
        GuestPtr::<u32>::new(self, address).write(value).ok()
    }

    fn set_long(&mut self, address: u32, value: u64) -> Option<()> {
        GuestPtr::<u64>::new(self, address).write(value).ok()
    }

    fn size(&self) -> usize {
        self.base().len()
    }
}
