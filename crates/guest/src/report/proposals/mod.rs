//! Owns which WebAssembly proposals a guest uses.

mod code;
mod cost;
mod images;
mod instances;
mod instantiate;
mod room;
mod shapes;
mod skeleton;
mod table;
mod weight;

pub(super) use self::room::Room;
pub use self::skeleton::weigh;
pub(super) use self::skeleton::{DEEPEST, Skeleton};
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
