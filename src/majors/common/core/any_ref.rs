//! References to values of guests.

use super::extern_ref::{not_created, not_read};
use super::{V, references, value};
use crate::I31;
use crate::backend::AnyRefs;
use crate::bounds::Data;
use crate::error::Result;

impl AnyRefs for V {
    type AnyRef = references::AnyRoot;

    fn any_ref_from_i31<T: Data>(context: Self::StoreContextMut<'_, T>, value: I31) -> Result<references::AnyRoot> {
        references::from_i31(context, value).ok_or_else(value::no_any_references)?.map_err(not_created)
    }

    fn any_ref_as_i31<T: Data>(
        reference: &references::AnyRoot,
        context: Self::StoreContext<'_, T>,
    ) -> Result<Option<I31>> {
        references::as_i31(reference, context).map_err(not_read)
    }

    fn any_ref_eq<T: Data>(
        context: Self::StoreContext<'_, T>,
        a: &references::AnyRoot,
        b: &references::AnyRoot,
    ) -> Result<bool> {
        references::any_eq(context, a, b).map_err(not_read)
    }
}
