//! Owns `ExternRef`: references to values of the host, which guests pass on and cannot look into.

use std::any::Any;

use crate::bounds::Data;
use crate::error::Result;
use crate::handle::handle;
use crate::store::{AsContext, AsContextMut, Caller, Store, StoreContext, StoreContextMut, StoreId, Stores};

/// A reference to a value of the host's, WebAssembly's `externref` that is not null.
///
/// An `ExternRef` keeps its value alive, and so does a guest that has the reference, for example in a table. A clone refers to
/// the same value. When the last of them is gone, the value is garbage: the store drops it when it collects garbage, which
/// the major does as it sees fit and [`Store::gc`] at once, and at the latest when the store is dropped; up to 19 it is dropped
/// with the last reference. An `ExternRef` may outlive its store, but has no value then (up to 19 it only keeps the value alive).
///
/// In place of Wasmtime's `Rooted<ExternRef>` (20 and later), which belongs to a scope, and of `ManuallyRooted<ExternRef>` and
/// `OwnedRooted<ExternRef>`.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, ExternRef, Newest, Store};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let reference = ExternRef::new(&mut store, String::from("text"))?;
/// let text = reference.data(&store)?.and_then(|data| data.downcast_ref::<String>());
/// assert_eq!(text.map(String::as_str), Some("text"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct ExternRef<W: ExternRefs> {
    raw: W::ExternRef,
    pub(super) store: StoreId,
}

impl<W: ExternRefs> ExternRef<W> {
    /// A reference to a new value of the host's.
    ///
    /// # Errors
    /// [`ErrorKind::Other`](crate::ErrorKind::Other) if the store has no room for the reference, or its engine no support for
    /// references; [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) if the limiter of an async engine
    /// takes time to decide about the room, which [`ExternRef::new_async`] waits for.
    pub fn new<R>(mut store: impl AsContextMut<W>, value: R) -> Result<Self>
    where
        R: Any + Send + Sync,
    {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        Ok(Self { raw: W::new_extern_ref(context.raw, value)?, store })
    }

    /// The value that this refers to; `None` if a guest made the reference of an `anyref`, which is possible from 27 on.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the reference belongs to another store.
    pub fn data<'a, T: Data>(&'a self, store: impl Into<StoreContext<'a, W, T>>) -> Result<Option<&'a dyn Any>> {
        let context = store.into();
        context.ambient().id.expect(self.store, "reference")?;
        W::extern_ref_data(&self.raw, context.raw)
    }

    /// As [`ExternRef::data`], mutably, from 20 on.
    ///
    /// # Errors
    /// As [`ExternRef::data`]; [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) on 18 and 19.
    pub fn data_mut<'a, T: Data>(
        &'a self,
        store: impl Into<StoreContextMut<'a, W, T>>,
    ) -> Result<Option<&'a mut dyn Any>> {
        let context = store.into();
        context.ambient().id.expect(self.store, "reference")?;
        W::extern_ref_data_mut(&self.raw, context.raw)
    }

    /// Whether both refer to the same value: Wasmtime's `Rooted::ref_eq`, or `ExternRef::ptr_eq` up to 19.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if a reference belongs to another store.
    pub fn ref_eq(store: impl AsContext<W>, a: &Self, b: &Self) -> Result<bool> {
        let context = store.as_context();
        let store = context.ambient().id;
        store.expect(a.store, "reference")?;
        store.expect(b.store, "reference")?;
        W::extern_ref_eq(context.raw, &a.raw, &b.raw)
    }

    #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
    pub(crate) fn in_store(raw: W::ExternRef, store: StoreId) -> Self {
        Self { raw, store }
    }
}

impl<W: AsyncExternRefs> ExternRef<W> {
    /// As [`ExternRef::new`], on an async engine.
    ///
    /// # Errors
    /// As [`ExternRef::new`]; [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn new_async<R>(
        mut store: impl AsContextMut<W, Data: Send> + Send,
        value: R,
    ) -> impl Future<Output = Result<Self>> + Send
    where
        R: Any + Send + Sync,
    {
        async move {
            let context = store.as_context_mut();
            context.ambient().mode.check_async()?;
            let store = context.ambient().id;
            Ok(Self { raw: W::new_extern_ref_async(context.raw, value).await?, store })
        }
    }
}

impl<W: ExternRefs, T: Data> Store<W, T> {
    /// Collects garbage: drops the values that neither the host nor a guest refers to any more.
    ///
    /// Wasmtime 35 to 44 keep a value until the store is dropped if it went to a guest twice between two collections, for
    /// example as a parameter and then as a result of a host function: the second time its references are counted once too often.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on an async engine;
    /// [`ErrorKind::Other`](crate::ErrorKind::Other) if the major finds its heap corrupted.
    pub fn gc(&mut self) -> Result<()> {
        self.as_context_mut().gc()
    }
}

impl<W: AsyncExternRefs, T: Data + Send> Store<W, T> {
    /// As [`Store::gc`], on an async engine.
    ///
    /// # Errors
    /// As [`Store::gc`]; [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn gc_async(&mut self) -> impl Future<Output = Result<()>> + Send {
        async move {
            let context = self.as_context_mut();
            context.ambient().mode.check_async()?;
            W::collect_garbage_async(context.raw).await
        }
    }
}

impl<W: ExternRefs, T: Data> StoreContextMut<'_, W, T> {
    /// As [`Store::gc`].
    ///
    /// # Errors
    /// As [`Store::gc`].
    pub fn gc(&mut self) -> Result<()> {
        let context = self.as_context_mut();
        context.ambient().mode.sync(|| Ok(()))?;
        W::collect_garbage(context.raw)
    }
}

impl<W: ExternRefs, T: Data> Caller<'_, W, T> {
    /// As [`Store::gc`].
    ///
    /// # Errors
    /// As [`Store::gc`].
    pub fn gc(&mut self) -> Result<()> {
        self.as_context_mut().gc()
    }
}

handle! { [W: ExternRefs] ExternRef[W] wraps W::ExternRef, { store } }

/// References of a major to values of the host.
pub trait ExternRefs: Stores {
    /// `wasmtime::ExternRef` on 18 and 19, `Arc<wasmtime::ManuallyRooted<wasmtime::ExternRef>>` up to 36, which the store
    /// gives back, and `wasmtime::OwnedRooted<wasmtime::ExternRef>` from 37 on.
    type ExternRef: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn new_extern_ref<T: Data, R: Any + Send + Sync>(
        context: Self::StoreContextMut<'_, T>,
        value: R,
    ) -> Result<Self::ExternRef>;
    #[doc(hidden)]
    fn extern_ref_data<'a, T: Data>(
        reference: &'a Self::ExternRef,
        context: Self::StoreContext<'a, T>,
    ) -> Result<Option<&'a dyn Any>>;
    #[doc(hidden)]
    fn extern_ref_data_mut<'a, T: Data>(
        reference: &'a Self::ExternRef,
        context: Self::StoreContextMut<'a, T>,
    ) -> Result<Option<&'a mut dyn Any>>;
    #[doc(hidden)]
    fn collect_garbage<T: Data>(context: Self::StoreContextMut<'_, T>) -> Result<()>;
    #[doc(hidden)]
    fn extern_ref_eq<T: Data>(
        context: Self::StoreContext<'_, T>,
        a: &Self::ExternRef,
        b: &Self::ExternRef,
    ) -> Result<bool>;
}

/// References of a major to values of the host, made on async engines.
pub trait AsyncExternRefs: ExternRefs {
    #[doc(hidden)]
    fn new_extern_ref_async<T: Data + Send, R: Any + Send + Sync>(
        context: Self::StoreContextMut<'_, T>,
        value: R,
    ) -> impl Future<Output = Result<Self::ExternRef>> + Send;
    #[doc(hidden)]
    fn collect_garbage_async<T: Data + Send>(
        context: Self::StoreContextMut<'_, T>,
    ) -> impl Future<Output = Result<()>> + Send;
}
