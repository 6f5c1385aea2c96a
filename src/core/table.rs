//! Owns `Table`: the tables of core instances.

use super::{Instances, Ref, TableType, Val};
use crate::bounds::Data;
use crate::error::Result;
use crate::handle::handle;
use crate::store::{AsContext, AsContextMut, StoreContextMut, StoreId};

/// A table: a handle into its store. Indices and sizes have 64 bits on every major.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Newest, Ref, RefType, Store, Table, TableType};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, None), Ref::Func(None))?;
/// assert_eq!(table.grow(&mut store, 3, Ref::Func(None))?, 2);
/// assert_eq!(table.size(&store)?, 5);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Table<W: Tables> {
    raw: W::Table,
    pub(super) store: StoreId,
}

impl<W: Tables> Table<W> {
    /// A new table of the host's, for guests to import. The limits of the store count the table.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the major has no such tables;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the type contradicts itself, or `init` has another type or
    /// belongs to another store; [`ErrorKind::Other`](crate::ErrorKind::Other) if the limits of the store forbid the table.
    pub fn new(mut store: impl AsContextMut<W>, ty: TableType, init: Ref<W>) -> Result<Self> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        let init = expect(store, init)?;
        Ok(Self { raw: W::new_table(context.raw, &ty, init)?, store })
    }

    /// The type of the table.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the table belongs to another store.
    pub fn ty(&self, store: impl AsContext<W>) -> Result<TableType> {
        let context = store.as_context();
        context.ambient().id.expect(self.store, "table")?;
        Ok(W::table_type(&self.raw, context.raw))
    }

    /// The number of elements.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the table belongs to another store.
    #[inline]
    pub fn size(&self, store: impl AsContext<W>) -> Result<u64> {
        let context = store.as_context();
        context.ambient().id.expect(self.store, "table")?;
        Ok(W::table_size(&self.raw, context.raw))
    }

    /// The element at this index; `None` beyond the end of the table.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the table belongs to another store;
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the element is a reference that [`Ref`] has no variant
    /// for.
    pub fn get(&self, mut store: impl AsContextMut<W>, index: u64) -> Result<Option<Ref<W>>> {
        let (context, store) = self.context(&mut store)?;
        Ok(W::table_get(&self.raw, context.raw, store, index)?.and_then(Val::ref_))
    }

    /// Sets the element at this index.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`](crate::ErrorKind::OutOfBounds) if the index is beyond the end of the table;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the element has another
    /// type, or the table or the element belongs to another store.
    pub fn set(&self, mut store: impl AsContextMut<W>, index: u64, val: Ref<W>) -> Result<()> {
        let (context, store) = self.context(&mut store)?;
        W::table_set(&self.raw, context.raw, index, expect(store, val)?)
    }

    /// Grows the table by `delta` elements, which are all `init`; returns the number of elements before.
    ///
    /// # Errors
    /// [`ErrorKind::Other`](crate::ErrorKind::Other) if the maximum of the table or the store's limit forbids it, or `init`
    /// has another type; [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the table or `init` belongs to another store.
    pub fn grow(&self, mut store: impl AsContextMut<W>, delta: u64, init: Ref<W>) -> Result<u64> {
        let (context, store) = self.context(&mut store)?;
        W::table_grow(&self.raw, context.raw, delta, expect(store, init)?)
    }

    /// Sets `len` elements, beginning at `dst`.
    ///
    /// # Errors
    /// As [`Table::set`]; no element is changed then.
    pub fn fill(&self, mut store: impl AsContextMut<W>, dst: u64, val: Ref<W>, len: u64) -> Result<()> {
        let (context, store) = self.context(&mut store)?;
        W::table_fill(&self.raw, context.raw, dst, expect(store, val)?, len)
    }

    /// Copies `len` elements of one table to another one, or within one table.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`](crate::ErrorKind::OutOfBounds) if the elements are not within both tables;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the tables have different
    /// types of elements, or a table belongs to another store. No element is changed then.
    pub fn copy(
        mut store: impl AsContextMut<W>,
        dst_table: &Self,
        dst_index: u64,
        src_table: &Self,
        src_index: u64,
        len: u64,
    ) -> Result<()> {
        let (context, store) = dst_table.context(&mut store)?;
        store.expect(src_table.store, "table")?;
        W::table_copy(context.raw, (&dst_table.raw, dst_index), (&src_table.raw, src_index), len)
    }

    #[inline]
    fn context<'a, C: AsContextMut<W>>(&self, store: &'a mut C) -> Result<(StoreContextMut<'a, W, C::Data>, StoreId)> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        store.expect(self.store, "table")?;
        Ok((context, store))
    }
}

impl<W: AsyncTables> Table<W> {
    /// As [`Table::new`], on an async engine.
    ///
    /// # Errors
    /// As [`Table::new`]; [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn new_async(
        mut store: impl AsContextMut<W, Data: Send> + Send,
        ty: TableType,
        init: Ref<W>,
    ) -> impl Future<Output = Result<Self>> + Send {
        async move {
            let context = store.as_context_mut();
            context.ambient().mode.check_async()?;
            let store = context.ambient().id;
            let init = expect(store, init)?;
            Ok(Self { raw: W::new_table_async(context.raw, &ty, init).await?, store })
        }
    }

    /// As [`Table::grow`], on an async engine.
    ///
    /// # Errors
    /// As [`Table::grow`]; [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn grow_async(
        &self,
        mut store: impl AsContextMut<W, Data: Send> + Send,
        delta: u64,
        init: Ref<W>,
    ) -> impl Future<Output = Result<u64>> + Send {
        async move {
            let (context, store) = self.context(&mut store)?;
            context.ambient().mode.check_async()?;
            W::table_grow_async(&self.raw, context.raw, delta, expect(store, init)?).await
        }
    }
}

/// The reference as a value, if it does not belong to another store.
#[inline]
fn expect<W: Tables>(store: StoreId, reference: Ref<W>) -> Result<Val<W>> {
    let value = Val::from(reference);
    value.expect_in(store)?;
    Ok(value)
}

handle! { [W: Tables] Table[W] of a store is W::Table }

/// Tables of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Tables: Instances {
    /// `wasmtime::Table`.
    type Table: Copy + Send + Sync + 'static;

    #[doc(hidden)]
    fn new_table<T: Data>(
        context: Self::StoreContextMut<'_, T>,
        ty: &TableType,
        init: Val<Self>,
    ) -> Result<Self::Table>;
    #[doc(hidden)]
    fn table_type<T: Data>(table: &Self::Table, context: Self::StoreContext<'_, T>) -> TableType;
    #[doc(hidden)]
    fn table_size<T: Data>(table: &Self::Table, context: Self::StoreContext<'_, T>) -> u64;
    #[doc(hidden)]
    fn table_get<T: Data>(
        table: &Self::Table,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        index: u64,
    ) -> Result<Option<Val<Self>>>;
    #[doc(hidden)]
    fn table_set<T: Data>(
        table: &Self::Table,
        context: Self::StoreContextMut<'_, T>,
        index: u64,
        val: Val<Self>,
    ) -> Result<()>;
    #[doc(hidden)]
    fn table_grow<T: Data>(
        table: &Self::Table,
        context: Self::StoreContextMut<'_, T>,
        delta: u64,
        init: Val<Self>,
    ) -> Result<u64>;
    #[doc(hidden)]
    fn table_fill<T: Data>(
        table: &Self::Table,
        context: Self::StoreContextMut<'_, T>,
        dst: u64,
        val: Val<Self>,
        len: u64,
    ) -> Result<()>;
    #[doc(hidden)]
    fn table_copy<T: Data>(
        context: Self::StoreContextMut<'_, T>,
        dst: (&Self::Table, u64),
        src: (&Self::Table, u64),
        len: u64,
    ) -> Result<()>;
}

/// Asynchronous growth of tables of a major, for limiters that take time to decide.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait AsyncTables: Tables {
    #[doc(hidden)]
    fn new_table_async<T: Data + Send>(
        context: Self::StoreContextMut<'_, T>,
        ty: &TableType,
        init: Val<Self>,
    ) -> impl Future<Output = Result<Self::Table>> + Send;
    #[doc(hidden)]
    fn table_grow_async<T: Data + Send>(
        table: &Self::Table,
        context: Self::StoreContextMut<'_, T>,
        delta: u64,
        init: Val<Self>,
    ) -> impl Future<Output = Result<u64>> + Send;
}
