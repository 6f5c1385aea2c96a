//! Switches of WebAssembly proposals, 33 and later: `Exceptions` is new.

use super::wasmtime;
use super::wasmtime::Config;
use crate::engine::Proposal;

#[path = "proposals_27.rs"]
mod since_27;

/// Switches a proposal; false if this major has no switch for it.
pub(super) fn set(config: &mut Config, proposal: Proposal, on: bool) -> bool {
    if proposal == Proposal::Exceptions {
        config.wasm_exceptions(on);
        return true;
    }
    since_27::set(config, proposal, on)
}
