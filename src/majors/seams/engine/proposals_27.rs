//! Switches of WebAssembly proposals, 27 to 32: `WideArithmetic` is new.

use super::wasmtime;
use super::wasmtime::Config;
use crate::engine::Proposal;

#[path = "proposals_25.rs"]
mod since_25;

/// Switches a proposal; false if this major has no switch for it.
pub(super) fn set(config: &mut Config, proposal: Proposal, on: bool) -> bool {
    if proposal == Proposal::WideArithmetic {
        config.wasm_wide_arithmetic(on);
        return true;
    }
    since_25::set(config, proposal, on)
}
