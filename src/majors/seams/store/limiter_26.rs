//! Limits of a store's memories and tables, 26 and later: table sizes are `usize`.

use super::common::error;
use super::wasmtime::{Error, ResourceLimiter, Result};
use crate::store::Bounds;

impl ResourceLimiter for Bounds {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.memory(current, desired, maximum).map_err(error::denied)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.table(current, desired, maximum).map_err(error::denied)
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
