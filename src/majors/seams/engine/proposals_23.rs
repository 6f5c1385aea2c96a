//! Switches of WebAssembly proposals, 23 and 24: `CustomPageSizes` is new.

use super::wasmtime;
use super::wasmtime::Config;
use crate::engine::Proposal;

#[path = "proposals_18.rs"]
mod since_18;

/// Switches a proposal; false if this major has no switch for it.
pub(super) fn set(config: &mut Config, proposal: Proposal, on: bool) -> bool {
    if proposal == Proposal::CustomPageSizes {
        config.wasm_custom_page_sizes(on);
        return true;
    }
    since_18::set(config, proposal, on)
}
