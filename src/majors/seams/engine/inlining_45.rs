//! Inlining, 45 and later: there are several degrees.

use super::wasmtime::{self, Config};
use crate::engine::Inlining;

/// `Err` has the first major that can do that.
pub(super) fn set(config: &mut Config, inlining: Inlining) -> Result<(), u64> {
    config.compiler_inlining(match inlining {
        Inlining::Yes => wasmtime::Inlining::Yes,
        Inlining::InterModuleAndIntraGc => wasmtime::Inlining::InterModuleAndIntraGc,
        Inlining::InterModule => wasmtime::Inlining::InterModule,
        Inlining::Intrinsics => wasmtime::Inlining::Intrinsics,
        Inlining::No => wasmtime::Inlining::No,
    });
    Ok(())
}
