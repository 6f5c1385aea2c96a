//! Owns the limiter of a contract's memory and tables, and the error with which it ends a contract.

use std::fmt;

use wasmtime_compat::ResourceLimiter;

/// Limits of one contract call.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the memory.
    pub memory: usize,
    /// Elements of a table.
    pub table: usize,
}

/// The contract wanted more than its protocol version allows. A denial that is an error rather than `-1` in the contract,
/// so that a contract cannot depend on how much it gets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Exceeded {
    pub resource: &'static str,
    pub desired: usize,
    pub limit: usize,
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> anyhow::Result<bool> {
        check("memory bytes", desired, self.memory)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> anyhow::Result<bool> {
        check("table elements", desired, self.table)
    }

    fn instances(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        1
    }
}

fn check(resource: &'static str, desired: usize, limit: usize) -> anyhow::Result<bool> {
    if desired > limit { Err(Exceeded { resource, desired, limit }.into()) } else { Ok(true) }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} exceed the limit of {}", self.desired, self.resource, self.limit)
    }
}

impl std::error::Error for Exceeded {}
