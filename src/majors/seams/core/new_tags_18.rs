//! Tags of the host's, 18 to 35: there are no tags, or only guests can make them.

use super::tags::Tag;
use super::wasmtime::{FuncType, Result, StoreContextMut};

/// `None` if a host of this major cannot make tags.
pub(super) fn new<T: 'static>(_: StoreContextMut<'_, T>, _: FuncType) -> Option<Result<Tag>> {
    None
}
