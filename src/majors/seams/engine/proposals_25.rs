//! Switches of WebAssembly proposals, 25 and 26: `ExtendedConst` is new.

use super::wasmtime;
use super::wasmtime::Config;
use crate::engine::Proposal;

#[path = "proposals_23.rs"]
mod since_23;

/// Switches a proposal; false if this major has no switch for it.
pub(super) fn set(config: &mut Config, proposal: Proposal, on: bool) -> bool {
    if proposal == Proposal::ExtendedConst {
        config.wasm_extended_const(on);
        return true;
    }
    since_23::set(config, proposal, on)
}
