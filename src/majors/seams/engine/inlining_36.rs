//! Inlining, 36 to 44: it is on or off.

use super::wasmtime::Config;
use crate::engine::Inlining;

/// `Err` has the first major that can do that.
pub(super) fn set(config: &mut Config, inlining: Inlining) -> Result<(), u64> {
    match inlining {
        Inlining::InterModuleAndIntraGc => config.compiler_inlining(true),
        Inlining::No => config.compiler_inlining(false),
        _ => return Err(45),
    };
    Ok(())
}
