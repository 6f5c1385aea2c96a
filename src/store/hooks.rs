//! Owns what a store hands to its callbacks while a guest runs.

use super::{AsContext, StoreContext, Stores};
use crate::bounds::Data;

/// The state of a store in the callback of
/// [`Store::epoch_deadline_callback`](super::Store::epoch_deadline_callback): the data, and the rest of the store for reading,
/// because the guest is between two of its instructions.
pub struct StoreHookState<'a, W: Stores, T: Data> {
    pub(crate) raw: W::StoreHookState<'a, T>,
}

impl<W: Stores, T: Data> StoreHookState<'_, W, T> {
    /// The store's data.
    pub fn data(&self) -> &T {
        self.as_context().data()
    }

    /// The store's data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        W::hook_data_mut(&mut self.raw)
    }
}

impl<W: Stores, T: Data> AsContext<W> for StoreHookState<'_, W, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, T> {
        StoreContext { raw: W::hook_context(&self.raw) }
    }
}
