//! Owns the count of memories and tables that modules make when they are instantiated, and what these begin with.

use wasmparser::Payload;

use crate::error::Result;
use crate::guest::damaged;

/// The memories and tables of one instance of a module, or of several.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Footprint {
    pub(crate) memories: u64,
    pub(crate) tables: u64,
    /// Bytes that the memories begin with, together.
    pub(crate) bytes: u64,
    /// Elements that the tables begin with, together.
    pub(crate) elements: u64,
}

/// Pages of this many bytes, as a power of two.
const PAGE: u32 = 16;

impl Footprint {
    /// Adds what a part of a module defines. Memories that threads share are no part of a store.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) if the part is damaged.
    pub(super) fn take(&mut self, payload: &Payload<'_>) -> Result<()> {
        match payload {
            Payload::MemorySection(reader) => {
                for memory in reader.clone() {
                    let memory = memory.map_err(damaged)?;
                    let page = 1_u64.checked_shl(memory.page_size_log2.unwrap_or(PAGE)).unwrap_or(u64::MAX);
                    if !memory.shared {
                        let bytes = memory.initial.saturating_mul(page);
                        self.add(Self { memories: 1, bytes, ..Self::default() });
                    }
                }
            }
            Payload::TableSection(reader) => {
                for table in reader.clone() {
                    let elements = table.map_err(damaged)?.ty.initial;
                    self.add(Self { tables: 1, elements, ..Self::default() });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds another instance.
    pub(super) fn add(&mut self, other: Self) {
        self.memories = self.memories.saturating_add(other.memories);
        self.tables = self.tables.saturating_add(other.tables);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.elements = self.elements.saturating_add(other.elements);
    }
}
