//! Owns the data of the runner's stores: the memory that a function uses, and what it logs.

use wasmtime_compat::ResourceLimiter;

/// The most memory that a function may have, in bytes.
const MAXIMUM: usize = 10 << 20;

#[derive(Default)]
pub struct FunctionContext {
    pub limiter: MemoryLimiter,
    pub logs: Vec<u8>,
}

/// Measures the memory of a function, and denies more than 10 MiB.
#[derive(Default)]
pub struct MemoryLimiter {
    pub max_memory_bytes: usize,
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> anyhow::Result<bool> {
        let is_allowed = desired <= MAXIMUM;
        if is_allowed {
            self.max_memory_bytes = self.max_memory_bytes.max(desired);
        }
        Ok(is_allowed)
    }

    fn table_growing(&mut self, _current: usize, _desired: usize, _maximum: Option<usize>) -> anyhow::Result<bool> {
        Ok(true)
    }

    fn memories(&self) -> usize {
        1
    }
}
