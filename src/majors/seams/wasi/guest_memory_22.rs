//! The guest's memory for checked preview1 calls, 22 and later: one enum, to which functions get a reference.

use super::wiggle::{GuestMemory, GuestPtr};
use crate::wasi::calls::Memory;

impl Memory for GuestMemory<'_> {
    fn number(&self, address: u32) -> Option<u32> {
        self.read(GuestPtr::<u32>::new(address)).ok()
    }

    fn long(&self, address: u32) -> Option<u64> {
        self.read(GuestPtr::<u64>::new(address)).ok()
    }

    fn set_number(&mut self, address: u32, value: u32) -> Option<()> {
        self.write(GuestPtr::<u32>::new(address), value).ok()
    }

    fn set_long(&mut self, address: u32, value: u64) -> Option<()> {
        self.write(GuestPtr::<u64>::new(address), value).ok()
    }

    fn size(&self) -> usize {
        match self {
            GuestMemory::Unshared(bytes) => bytes.len(),
            GuestMemory::Shared(bytes) => bytes.len(),
        }
    }
}
