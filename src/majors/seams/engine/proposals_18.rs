//! Switches of WebAssembly proposals, 18 to 22.

use super::wasmtime::Config;
use crate::engine::Proposal;

/// Switches a proposal; false if this major has no switch for it.
pub(super) fn set(config: &mut Config, proposal: Proposal, on: bool) -> bool {
    match proposal {
        Proposal::BulkMemory => config.wasm_bulk_memory(on),
        Proposal::Memory64 => config.wasm_memory64(on),
        Proposal::MultiMemory => config.wasm_multi_memory(on),
        Proposal::MultiValue => config.wasm_multi_value(on),
        Proposal::ReferenceTypes => config.wasm_reference_types(on),
        Proposal::RelaxedSimd => config.wasm_relaxed_simd(on),
        Proposal::Simd => config.wasm_simd(on),
        Proposal::TailCall => config.wasm_tail_call(on),
        Proposal::Threads => config.wasm_threads(on),
        Proposal::CustomPageSizes | Proposal::Exceptions | Proposal::ExtendedConst | Proposal::WideArithmetic => {
            return false;
        }
    };
    true
}
