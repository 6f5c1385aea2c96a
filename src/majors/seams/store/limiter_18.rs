//! Limits of a store's memories and tables, 18 to 25: table sizes are 32 bits wide.

use super::common::error;
use super::wasmtime::{Error, ResourceLimiter, Result};
use crate::store::Bounds;

impl ResourceLimiter for Bounds {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.memory(current, desired, maximum).map_err(error::denied)
    }

    fn table_growing(&mut self, current: u32, desired: u32, maximum: Option<u32>) -> Result<bool> {
        let wide = |elements: u32| usize::try_from(elements).unwrap_or(usize::MAX);
        self.table(wide(current), wide(desired), maximum.map(wide)).map_err(error::denied)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        error::grow_failed(self.memory_failed(&error.root_cause()), error)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        error::grow_failed(self.table_failed(&error.root_cause()), error)
    }

    fn instances(&self) -> usize {
        Bounds::instances(self)
    }

    fn memories(&self) -> usize {
        Bounds::memories(self)
    }

    fn tables(&self) -> usize {
        Bounds::tables(self)
    }
}
