//! Inlining, 18 to 35: there is none.

use super::wasmtime::Config;
use crate::engine::Inlining;

/// `Err` has the first major that can do that.
pub(super) fn set(_: &mut Config, inlining: Inlining) -> Result<(), u64> {
    match inlining {
        Inlining::InterModuleAndIntraGc | Inlining::No => Err(36),
        _ => Err(45),
    }
}
