//! Tags of exceptions.

use super::{MAJOR, V, error, new_tags, tags, types};
use crate::TagType;
use crate::backend::Tags;
use crate::bounds::Data;
use crate::error::{Error, ErrorKind, Result, Unsupported};

impl Tags for V {
    type Tag = tags::Tag;

    fn new_tag<T: Data>(context: Self::StoreContextMut<'_, T>, ty: &TagType) -> Result<tags::Tag> {
        let ty = types::func_type_in_major(context.engine(), ty.ty())?;
        let Some(tag) = new_tags::new(context, ty) else {
            let what = "tags of exceptions".to_owned();
            return Err(Error::from_unsupported(Unsupported { since: Some(36), ..Unsupported::new(what, MAJOR) }));
        };
        tag.map_err(|raw| error::classify(raw, ErrorKind::InvalidArgument, "cannot create the tag"))
    }

    fn tag_type<T: Data>(tag: &tags::Tag, context: Self::StoreContext<'_, T>) -> TagType {
        tags::ty(tag, context)
    }
}
