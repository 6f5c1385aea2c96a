//! Owns `Global`: the globals of core instances.

use super::{GlobalType, Instances, Val};
use crate::bounds::Data;
use crate::error::Result;
use crate::handle::handle;
use crate::store::{AsContext, AsContextMut, StoreId};

/// A global: a handle into its store.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Global, GlobalType, Mutability, Newest, Store, ValType};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let global = Global::new(&mut store, GlobalType::new(ValType::I64, Mutability::Var), 1_i64.into())?;
/// global.set(&mut store, 2_i64.into())?;
/// assert_eq!(global.get(&mut store)?.i64(), Some(2));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Global<W: Globals> {
    raw: W::Global,
    pub(super) store: StoreId,
}

impl<W: Globals> Global<W> {
    /// A new global of the host's, for guests to import.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the major has no values of the type;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the value has another type, or belongs to another store.
    pub fn new(mut store: impl AsContextMut<W>, ty: GlobalType, val: Val<W>) -> Result<Self> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        val.expect_in(store)?;
        Ok(Self { raw: W::new_global(context.raw, &ty, val)?, store })
    }

    /// The type of the global.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the global belongs to another store.
    pub fn ty(&self, store: impl AsContext<W>) -> Result<GlobalType> {
        let context = store.as_context();
        context.ambient().id.expect(self.store, "global")?;
        Ok(W::global_type(&self.raw, context.raw))
    }

    /// The value of the global.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the global belongs to another store;
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the value is a reference that [`Val`] has no variant for.
    #[inline(always)]
    pub fn get(&self, mut store: impl AsContextMut<W>) -> Result<Val<W>> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        store.expect(self.store, "global")?;
        W::global_get(&self.raw, context.raw, store)
    }

    /// Sets the value of the global.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the global is constant or has another type, or if the global or the
    /// value belongs to another store.
    #[inline(always)]
    pub fn set(&self, mut store: impl AsContextMut<W>, val: Val<W>) -> Result<()> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        store.expect(self.store, "global")?;
        val.expect_in(store)?;
        W::global_set(&self.raw, context.raw, &val)
    }
}

handle! { [W: Globals] Global[W] of a store is W::Global }

/// Globals of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Globals: Instances {
    /// `wasmtime::Global`.
    type Global: Copy + Send + Sync + 'static;

    #[doc(hidden)]
    fn new_global<T: Data>(
        context: Self::StoreContextMut<'_, T>,
        ty: &GlobalType,
        val: Val<Self>,
    ) -> Result<Self::Global>;
    #[doc(hidden)]
    fn global_type<T: Data>(global: &Self::Global, context: Self::StoreContext<'_, T>) -> GlobalType;
    #[doc(hidden)]
    fn global_get<T: Data>(
        global: &Self::Global,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
    ) -> Result<Val<Self>>;
    #[doc(hidden)]
    fn global_set<T: Data>(global: &Self::Global, context: Self::StoreContextMut<'_, T>, val: &Val<Self>)
    -> Result<()>;
}
