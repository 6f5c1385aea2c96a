//! Limits of a store's memories and tables for asynchronous limiters, 26 and later: table sizes are `usize`.

use std::pin::Pin;

use super::common::error;
use super::wasmtime::{Error, ResourceLimiterAsync, Result};
use crate::store::Bounds;

/// What `async_trait` makes of the type that an asynchronous method returns.
type Verdict<'a> = Pin<Box<dyn Future<Output = Result<bool>> + Send + 'a>>;

impl ResourceLimiterAsync for Bounds {
    fn memory_growing<'life0, 'async_trait>(
        &'life0 mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Verdict<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move { self.memory_async(current, desired, maximum).await.map_err(error::denied) })
    }

    fn table_growing<'life0, 'async_trait>(
        &'life0 mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Verdict<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move { self.table_async(current, desired, maximum).await.map_err(error::denied) })
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        error::grow_failed(self.memory_failed(&error.root_cause()), error)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        error::grow_failed(self.table_failed(&error.root_cause()), error)
    }

    fn instances(&self) -> usize {
        Bounds::instances(self)
    }

    fn memories(&self) -> usize {
        Bounds::memories(self)
    }

    fn tables(&self) -> usize {
        Bounds::tables(self)
    }
}
