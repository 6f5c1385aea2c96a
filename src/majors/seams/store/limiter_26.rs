//! Limits of a store's memories and tables, 26 and later: table sizes are `usize`.

use super::wasmtime::{Error, ResourceLimiter, Result};
use crate::store::limits::Meter;

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.memory(current, desired, maximum).map_err(Error::new)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.table(current, desired, maximum).map_err(Error::new)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        self.memory_failed();
        if self.limits.trap_on_grow_failure { Err(error) } else { Ok(()) }
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.table_failed();
        if self.limits.trap_on_grow_failure { Err(error) } else { Ok(()) }
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }

    fn memories(&self) -> usize {
        self.limits.memories
    }

    fn tables(&self) -> usize {
        self.limits.tables
    }
}
