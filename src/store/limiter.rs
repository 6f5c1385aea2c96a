//! Owns `ResourceLimiter` and `ResourceLimiterAsync`: limiters of the user's own, which hold beside the limits of a store.

use std::pin::Pin;

/// Decides whether memories and tables of a store may grow; see [`Store::limiter`](crate::Store::limiter).
///
/// The methods are those of Wasmtime's trait of the same name; sizes of tables are `usize` on every major.
///
/// A growth that is denied with `Ok(false)` is `-1` in the guest and an error of the instantiation. An `Err` is a trap of the
/// guest with that error: the caller of the guest gets it as [`ErrorKind::Host`](crate::ErrorKind::Host), and
/// [`Error::downcast_ref`](crate::Error::downcast_ref) finds it on every major. A [`Trap`](crate::Trap) or an
/// [`Exit`](crate::Exit) acts as it does when a host function returns it.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Memory, MemoryType, Newest, ResourceLimiter, Store};
///
/// /// Denies nothing, and keeps the size of the largest memory.
/// struct Peak(usize);
///
/// impl ResourceLimiter for Peak {
///     fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> anyhow::Result<bool> {
///         self.0 = self.0.max(desired);
///         Ok(true)
///     }
///
///     fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> anyhow::Result<bool> {
///         Ok(true)
///     }
/// }
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, Peak(0));
/// store.limiter(|peak| peak);
/// Memory::new(&mut store, MemoryType::new(1, None))?.grow(&mut store, 2)?;
/// assert_eq!(store.data().0, 3 << 16);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub trait ResourceLimiter: Send {
    /// Whether a memory may grow from `current` to `desired` bytes. It is queried for new memories too, with `current` 0.
    /// `maximum` is the memory's own; `desired` may exceed it.
    ///
    /// # Errors
    /// Any error; it ends the guest, or the call of the host that grows the memory.
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> anyhow::Result<bool>;

    /// A memory did not grow although it was allowed to. The default implementation ignores the error.
    ///
    /// # Errors
    /// An error instead of the `-1` in the guest.
    fn memory_grow_failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        let _ = error;
        Ok(())
    }

    /// Whether a table may grow from `current` to `desired` elements; as [`ResourceLimiter::memory_growing`].
    ///
    /// # Errors
    /// Any error; it ends the guest, or the call of the host that grows the table.
    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> anyhow::Result<bool>;

    /// A table did not grow although it was allowed to. The default implementation ignores the error.
    ///
    /// # Errors
    /// An error instead of the `-1` in the guest.
    fn table_grow_failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        let _ = error;
        Ok(())
    }

    /// The number of instances that the store may have. It is queried when the limiter or the limits of the store are set.
    fn instances(&self) -> usize {
        10_000
    }

    /// The number of tables that the store may have; as [`ResourceLimiter::instances`].
    fn tables(&self) -> usize {
        10_000
    }

    /// The number of memories that the store may have; as [`ResourceLimiter::instances`].
    fn memories(&self) -> usize {
        10_000
    }
}

/// The answer of an asynchronous limiter.
pub type LimiterFuture<'a> = Pin<Box<dyn Future<Output = anyhow::Result<bool>> + Send + 'a>>;

/// As [`ResourceLimiter`], but may wait before it decides; see [`Store::limiter_async`](crate::Store::limiter_async).
///
/// The asynchronous methods are declared as the macro `async_trait` declares them, so both an implementation with that macro
/// and one by hand work.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, LimiterFuture, Memory, MemoryType, Newest, ResourceLimiterAsync, Store};
///
/// struct AtMost(usize);
///
/// impl ResourceLimiterAsync for AtMost {
///     fn memory_growing<'a, 'f>(&'a mut self, _: usize, desired: usize, _: Option<usize>) -> LimiterFuture<'f>
///     where
///         'a: 'f,
///         Self: 'f,
///     {
///         // This is where it can wait, for example until other guests have ended.
///         Box::pin(async move { Ok(desired <= self.0) })
///     }
///
///     fn table_growing<'a, 'f>(&'a mut self, _: usize, _: usize, _: Option<usize>) -> LimiterFuture<'f>
///     where
///         'a: 'f,
///         Self: 'f,
///     {
///         Box::pin(async { Ok(true) })
///     }
/// }
///
/// let engine = Engine::<Newest>::new(&Config::new().async_support(true))?;
/// let mut store = Store::new(&engine, AtMost(2 << 16));
/// store.limiter_async(|limiter| limiter)?;
/// let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// let grown: wasmtime_compat::Result<_> = runtime.block_on(async {
///     let memory = Memory::new_async(&mut store, MemoryType::new(1, None)).await?;
///     memory.grow_async(&mut store, 1).await?;
///     Ok(memory.grow_async(&mut store, 1).await.is_ok())
/// });
/// assert!(!grown?);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub trait ResourceLimiterAsync: Send {
    /// As [`ResourceLimiter::memory_growing`].
    fn memory_growing<'life0, 'async_trait>(
        &'life0 mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> LimiterFuture<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait;

    /// As [`ResourceLimiter::memory_grow_failed`].
    ///
    /// # Errors
    /// An error instead of the `-1` in the guest.
    fn memory_grow_failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        let _ = error;
        Ok(())
    }

    /// As [`ResourceLimiter::table_growing`].
    fn table_growing<'life0, 'async_trait>(
        &'life0 mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> LimiterFuture<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait;

    /// As [`ResourceLimiter::table_grow_failed`].
    ///
    /// # Errors
    /// An error instead of the `-1` in the guest.
    fn table_grow_failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        let _ = error;
        Ok(())
    }

    /// As [`ResourceLimiter::instances`].
    fn instances(&self) -> usize {
        10_000
    }

    /// As [`ResourceLimiter::tables`].
    fn tables(&self) -> usize {
        10_000
    }

    /// As [`ResourceLimiter::memories`].
    fn memories(&self) -> usize {
        10_000
    }
}

/// How a store finds the user's limiter in its data.
#[doc(hidden)]
pub enum Limiter<T> {
    Sync(Box<dyn (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync>),
    #[allow(dead_code, reason = "the core has no asynchronous calls")]
    Async(Box<dyn (FnMut(&mut T) -> &mut dyn ResourceLimiterAsync) + Send + Sync>),
}
