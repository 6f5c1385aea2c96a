//! Owns how a store gets the limiter of its user.

use super::{AsContext, AsyncStores, Limiter, ResourceLimiter, ResourceLimiterAsync, Store, Stores};
use crate::bounds::Data;
use crate::error::Result;

impl<W: Stores, T: Data> Store<W, T> {
    /// Has a limiter in your data decide about memories and tables from now on. The limits of
    /// [`Store::set_limits`](Store::set_limits) hold beside it: it is not queried for what they deny, and the lower number of
    /// instances, memories and tables counts. It takes the place of the limiter before.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Config, Engine, Memory, MemoryType, Newest, ResourceLimiter, Store};
    ///
    /// struct AtMost(usize);
    ///
    /// impl ResourceLimiter for AtMost {
    ///     fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> anyhow::Result<bool> {
    ///         Ok(desired <= self.0)
    ///     }
    ///
    ///     fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> anyhow::Result<bool> {
    ///         Ok(true)
    ///     }
    /// }
    ///
    /// let engine = Engine::<Newest>::new(&Config::new())?;
    /// let mut store = Store::new(&engine, AtMost(3 << 16));
    /// store.limiter(|limiter| limiter);
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// assert!(memory.grow(&mut store, 3).is_err());
    /// assert!(memory.grow(&mut store, 2).is_ok());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn limiter(&mut self, limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static) {
        W::set_limiter(self.as_raw_mut(), Limiter::Sync(Box::new(limiter)));
    }
}

impl<W: AsyncStores, T: Data + Send> Store<W, T> {
    /// As [`Store::limiter`], with a limiter that may wait before it decides.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn limiter_async(
        &mut self,
        limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiterAsync) + Send + Sync + 'static,
    ) -> Result<()> {
        self.as_context().ambient().mode.check_async()?;
        W::set_limiter(self.as_raw_mut(), Limiter::Async(Box::new(limiter)));
        Ok(())
    }
}
