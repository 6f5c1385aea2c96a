//! Errors of an exhausted pool, 47 and later: a type.

use super::wasmtime::{Error, PoolConcurrencyLimitError};

pub(super) fn is_exhausted(raw: &Error, _: &str) -> bool {
    raw.is::<PoolConcurrencyLimitError>()
}
