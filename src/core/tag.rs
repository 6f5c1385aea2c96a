//! Owns `Tag`: the tags by which guests tell exceptions apart.

use super::{Instances, TagType};
use crate::bounds::Data;
use crate::error::Result;
use crate::handle::handle;
use crate::store::{AsContext, AsContextMut, StoreId};

/// A tag of exceptions: a handle into its store. Guests have tags from 31 on, and hosts make them from 36 on.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, FuncType, Newest, Store, Tag, TagType, ValType};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let ty = TagType::new(FuncType::new([ValType::I32], []));
/// match Tag::new(&mut store, &ty) {
///     Ok(tag) => assert_eq!(tag.ty(&store)?, ty),
///     // Up to 35.
///     Err(error) => assert_eq!(error.unsupported().and_then(|unsupported| unsupported.since), Some(36)),
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Tag<W: Tags> {
    raw: W::Tag,
    pub(super) store: StoreId,
}

impl<W: Tags> Tag<W> {
    /// A new tag of the host's, for guests to import.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) up to 35, and if the major has no values of a type in it;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the major refuses the type.
    pub fn new(mut store: impl AsContextMut<W>, ty: &TagType) -> Result<Self> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        Ok(Self { raw: W::new_tag(context.raw, ty)?, store })
    }

    /// The type of the tag.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the tag belongs to another store.
    pub fn ty(&self, store: impl AsContext<W>) -> Result<TagType> {
        let context = store.as_context();
        context.ambient().id.expect(self.store, "tag")?;
        Ok(W::tag_type(&self.raw, context.raw))
    }
}

handle! { [W: Tags] Tag[W] of a store is W::Tag }

/// Tags of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Tags: Instances {
    /// `wasmtime::Tag`, or a type without values if the major has none.
    type Tag: Copy + Send + Sync + 'static;

    #[doc(hidden)]
    fn new_tag<T: Data>(context: Self::StoreContextMut<'_, T>, ty: &TagType) -> Result<Self::Tag>;
    #[doc(hidden)]
    fn tag_type<T: Data>(tag: &Self::Tag, context: Self::StoreContext<'_, T>) -> TagType;
}
