//! Owns the estimate of the size of images: the initial contents of memories and tables, which are part of a compiled
//! module.
//!
//! Two bytes of data that are far apart become an image with everything between them, and a table with one element
//! becomes a list as long as the table.

use std::ops::Range;

use wasmparser::{ConstExpr, DataKind, Encoding, Operator, Payload};

use crate::error::Result;
use crate::guest::{damaged, too_complex};

/// What images may take for each byte of a guest, and whatever its size.
const PER_BYTE: u64 = 8;
const BASE: u64 = 64 << 20;

/// An image of up to this many bytes is made even if almost nothing is in it; see `memory_guaranteed_dense_image_size` of
/// Wasmtime's `Config`. A larger one must be half full.
const DENSE: u64 = 16 << 20;

/// Lists are made of tables up to this size: `MAX_FUNC_TABLE_SIZE` of Wasmtime; each element takes so many bytes.
const LONGEST_TABLE: u64 = 1 << 20;
const ELEMENT: u64 = 4;

/// A module may have no more memories.
const MOST_MEMORIES: usize = 100;

/// The images of all modules of a guest.
pub(super) struct Images {
    /// Of each memory of the module being read that has data: where data is, and how much.
    memories: Vec<(u32, Range<u64>, u64)>,
    total: u64,
    most: u64,
}

impl Images {
    /// Of nothing yet, in a guest of `bytes`.
    pub(super) fn new(bytes: usize) -> Self {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        Self { memories: Vec::new(), total: 0, most: bytes.saturating_mul(PER_BYTE).saturating_add(BASE) }
    }

    /// Adds a part.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) if it is damaged,
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if the images are too large.
    pub(super) fn take(&mut self, payload: &Payload<'_>) -> Result<()> {
        match payload {
            Payload::Version { encoding: Encoding::Module, .. } => self.memories.clear(),
            Payload::TableSection(reader) => {
                for table in reader.clone() {
                    self.add(table.map_err(damaged)?.ty.initial.min(LONGEST_TABLE) * ELEMENT)?;
                }
            }
            Payload::DataSection(reader) => {
                for data in reader.clone() {
                    let data = data.map_err(damaged)?;
                    let DataKind::Active { memory_index, offset_expr } = data.kind else { continue };
                    let size = u64::try_from(data.data.len()).unwrap_or(u64::MAX);
                    match offset(&offset_expr) {
                        Offset::Known(offset) => self.data(memory_index, offset, size),
                        Offset::Computed => {
                            self.data(memory_index, 0, size);
                            self.data(memory_index, DENSE, 0);
                        }
                        Offset::Imported => {}
                    }
                }
                for (_, range, data) in std::mem::take(&mut self.memories) {
                    self.add((range.end - range.start).min(DENSE.max(data.saturating_mul(2))))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn data(&mut self, memory: u32, offset: u64, size: u64) {
        let end = offset.saturating_add(size);
        // There are at most a hundred memories in a module.
        match self.memories.iter().position(|known| known.0 == memory) {
            Some(place) => {
                let (_, range, data) = &mut self.memories[place];
                *range = range.start.min(offset)..range.end.max(end);
                *data = data.saturating_add(size);
            }
            None if self.memories.len() < MOST_MEMORIES => self.memories.push((memory, offset..end, size)),
            // Not valid.
            None => {}
        }
    }

    fn add(&mut self, bytes: u64) -> Result<()> {
        self.total = self.total.saturating_add(bytes);
        if self.total > self.most {
            return Err(too_complex(
                "the initial contents of memories and tables are larger than a guest of this size can have",
            ));
        }
        Ok(())
    }
}

/// Where data is put.
enum Offset {
    Known(u64),
    /// By arithmetic with constants, which some majors do when they compile.
    Computed,
    /// A global decides, so that no image is made.
    Imported,
}

fn offset(expression: &ConstExpr<'_>) -> Offset {
    let mut operators = expression.get_operators_reader();
    #[expect(clippy::cast_sign_loss, reason = "offsets have no sign")]
    let offset = match operators.read() {
        Ok(Operator::I32Const { value }) => u64::from(value as u32),
        Ok(Operator::I64Const { value }) => value as u64,
        _ => return Offset::Imported,
    };
    match operators.read() {
        Ok(Operator::End) => Offset::Known(offset),
        _ => Offset::Computed,
    }
}
