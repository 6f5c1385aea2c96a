//! Owns the fuel of a caller, and guests that yield to the async runtime after an amount of fuel.

use super::{AsyncStores, Caller, Store, StoreContextMut, Stores};
use crate::bounds::Data;
use crate::error::Result;

impl<W: Stores, T: Data> Caller<'_, W, T> {
    /// The fuel left.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the engine does not count fuel.
    pub fn get_fuel(&self) -> Result<u64> {
        self.as_context().get_fuel()
    }

    /// Sets the fuel left.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the engine does not count fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.as_context_mut().set_fuel(fuel)
    }
}

impl<W: AsyncStores, T: Data + Send> Caller<'_, W, T> {
    /// As [`Store::fuel_async_yield_interval`].
    ///
    /// # Errors
    /// As [`Store::fuel_async_yield_interval`].
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.as_context_mut().fuel_async_yield_interval(interval)
    }
}

impl<W: AsyncStores, T: Data + Send> StoreContextMut<'_, W, T> {
    /// As [`Store::fuel_async_yield_interval`].
    ///
    /// # Errors
    /// As [`Store::fuel_async_yield_interval`].
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.ambient().mode.check_async()?;
        W::fuel_async_yield_interval(&mut self.raw, interval)
    }
}

impl<W: AsyncStores, T: Data + Send> Store<W, T> {
    /// Has the guest yield to the async runtime whenever it has used `interval` units of fuel; `None` ends that.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine;
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the engine does not count fuel, or if the interval is 0.
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.as_context_mut().fuel_async_yield_interval(interval)
    }
}
