//! Limits of a store's memories and tables, 18 to 25: table sizes are 32 bits wide.

use super::wasmtime::{Error, ResourceLimiter, Result};
use crate::store::limits::Meter;

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.memory(current, desired, maximum).map_err(Error::new)
    }

    fn table_growing(&mut self, current: u32, desired: u32, maximum: Option<u32>) -> Result<bool> {
        let wide = |elements: u32| usize::try_from(elements).unwrap_or(usize::MAX);
        self.table(wide(current), wide(desired), maximum.map(wide)).map_err(Error::new)
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
