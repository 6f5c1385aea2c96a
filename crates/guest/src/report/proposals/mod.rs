//! Owns which WebAssembly proposals a guest uses.

mod code;
mod cost;
mod footprint;
mod images;
mod instances;
mod instantiate;
mod shapes;
mod skeleton;
mod table;
mod weight;

pub(super) use self::footprint::Footprint;
#[cfg(feature = "wit")]
pub(crate) use self::skeleton::types;
pub(super) use self::skeleton::{DEEPEST, Skeleton, check_complexity_with};
pub use self::skeleton::{check_complexity, makes_shared_memory};
pub use self::table::Proposal;

/// Code of up to this many bytes is validated; more is only decoded, because validation costs a compiler's time.
const VALIDATED_CODE: usize = 512 << 10;

/// A set of proposals.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Set(u64);

impl Set {
    fn add(&mut self, proposal: Proposal) {
        self.0 |= 1 << proposal as u32;
    }

    fn contains(self, proposal: Proposal) -> bool {
        self.0 & (1 << proposal as u32) != 0
    }
}
