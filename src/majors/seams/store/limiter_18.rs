//! Limits of a store's memories and tables, 18 to 25: table sizes are 32 bits wide.

use super::common::Limiter;
use super::wasmtime::{Error, ResourceLimiter, Result};

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.0.memory(current, desired, maximum).map_err(Error::new)
    }

    fn table_growing(&mut self, current: u32, desired: u32, maximum: Option<u32>) -> Result<bool> {
        let wide = |elements: u32| usize::try_from(elements).unwrap_or(usize::MAX);
        self.0.table(wide(current), wide(desired), maximum.map(wide)).map_err(Error::new)
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
