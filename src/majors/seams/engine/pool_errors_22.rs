//! Errors of an exhausted pool, 22 to 46: a type, but for heaps of collected objects.

use super::wasmtime::{Error, PoolConcurrencyLimitError};

pub(super) fn is_exhausted(raw: &Error, text: &str) -> bool {
    raw.is::<PoolConcurrencyLimitError>() || text.starts_with("maximum concurrent GC heap limit")
}
