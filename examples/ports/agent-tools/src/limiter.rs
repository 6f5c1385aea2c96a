//! The limiter of a call: it counts the memory of all memories of the tool, and remembers what it refused.

use wasmtime_compat::ResourceLimiter;

#[derive(Clone, Debug)]
pub struct Limiter {
    most: usize,
    used: usize,
    /// The size, in bytes, that the tool would have had by the last growth that was refused.
    pub refused: Option<usize>,
}

impl Limiter {
    /// A limiter for this many bytes.
    pub fn new(most: usize) -> Self {
        Self { most, used: 0, refused: None }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> anyhow::Result<bool> {
        let after = self.used.saturating_sub(current).saturating_add(desired);
        if after > self.most {
            self.refused = Some(after);
            return Ok(false);
        }
        self.used = after;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> anyhow::Result<bool> {
        Ok(desired <= 10_000)
    }

    fn memories(&self) -> usize {
        4
    }
}
