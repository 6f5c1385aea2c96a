//! Limits of a store's memories and tables, 26 and later: table sizes are `usize`.

use super::common::Limiter;
use super::wasmtime::{Error, ResourceLimiter, Result};

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.0.memory(current, desired, maximum).map_err(Error::new)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.0.table(current, desired, maximum).map_err(Error::new)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        self.0.memory_failed();
        if self.0.limits.trap_on_grow_failure { Err(error) } else { Ok(()) }
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.0.table_failed();
        if self.0.limits.trap_on_grow_failure { Err(error) } else { Ok(()) }
    }

    fn instances(&self) -> usize {
        self.0.limits.instances
    }

    fn memories(&self) -> usize {
        self.0.limits.memories
    }

    fn tables(&self) -> usize {
        self.0.limits.tables
    }
}
