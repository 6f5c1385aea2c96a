//! Owns the count of what modules make when they are instantiated: memories and tables, their first contents, and what the
//! host keeps for an instance.

use std::ops::Range;

use wasmparser::{DataKind, ElementItems, Payload};

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
    /// Bytes that the host keeps for globals, functions, imports and segments.
    pub(super) context: u64,
    /// Bytes that are copied into memories and tables, and what takes the time of copying so many.
    pub(super) copied: u64,
}

/// Bytes that the host keeps for each, rounded up over the majors: a function of which there may be references, and an
/// import; a global, a memory, a table or a tag; a segment, and an element of one, which 45 and later keep for each instance.
const FUNCTION: u64 = 32;
const ITEM: u64 = 16;
const SEGMENT: u64 = 16;
const ELEMENT: u64 = 16;

/// Bytes that are copied in the time of making an element of a table, and of a byte of constant expressions.
const MADE: u64 = 64;
const COMPUTED: u64 = 32;

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
                    self.context = self.context.saturating_add(ITEM);
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
                    self.add(Self { tables: 1, elements, context: ITEM, ..Self::default() });
                }
            }
            Payload::ImportSection(reader) => self.keep(FUNCTION, reader.clone().into_imports().count()),
            Payload::FunctionSection(reader) => self.keep(FUNCTION, reader.count() as usize),
            Payload::GlobalSection(reader) => {
                self.keep(ITEM, reader.count() as usize);
                self.compute(&reader.range());
            }
            Payload::TagSection(reader) => self.keep(ITEM, reader.count() as usize),
            Payload::DataSection(reader) => {
                self.keep(SEGMENT, reader.count() as usize);
                for data in reader.clone() {
                    let data = data.map_err(damaged)?;
                    if let DataKind::Active { .. } = data.kind {
                        self.copied = self.copied.saturating_add(data.data.len() as u64);
                    }
                }
            }
            Payload::ElementSection(reader) => {
                self.keep(SEGMENT, reader.count() as usize);
                self.compute(&reader.range());
                for elements in reader.clone() {
                    let elements = elements.map_err(damaged)?;
                    let count = match elements.items {
                        ElementItems::Functions(functions) => functions.count(),
                        ElementItems::Expressions(_, expressions) => expressions.count(),
                    };
                    self.keep(ELEMENT, count as usize);
                    self.copied = self.copied.saturating_add(u64::from(count) * MADE);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn keep(&mut self, size: u64, count: usize) {
        self.context = self.context.saturating_add(size.saturating_mul(count as u64));
    }

    /// Adds the expressions of a section.
    fn compute(&mut self, section: &Range<u64>) {
        self.copied = self.copied.saturating_add((section.end - section.start).saturating_mul(COMPUTED));
    }

    /// Adds another instance.
    pub(super) fn add(&mut self, other: Self) {
        self.memories = self.memories.saturating_add(other.memories);
        self.tables = self.tables.saturating_add(other.tables);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.elements = self.elements.saturating_add(other.elements);
        self.context = self.context.saturating_add(other.context);
        self.copied = self.copied.saturating_add(other.copied);
    }
}
