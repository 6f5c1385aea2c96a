//! Register allocators, 33 to 36: the fast one is left out.

use crate::engine::RegallocAlgorithm;

/// Whether the flag of Cranelift has to be set; `Err` has the first later major with this algorithm.
#[allow(dead_code, reason = "only compilers allocate registers")]
pub(super) fn is_flag(algorithm: RegallocAlgorithm) -> Result<bool, u64> {
    match algorithm {
        RegallocAlgorithm::Backtracking => Ok(true),
        RegallocAlgorithm::SinglePass => Err(37),
    }
}
