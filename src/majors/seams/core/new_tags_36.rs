//! Tags of the host's, 36 and later.

use super::wasmtime::{FuncType, Result, StoreContextMut, Tag, TagType};

/// `None` if a host of this major cannot make tags.
pub(super) fn new<T: 'static>(context: StoreContextMut<'_, T>, ty: FuncType) -> Option<Result<Tag>> {
    Some(Tag::new(context, &TagType::new(ty)))
}
