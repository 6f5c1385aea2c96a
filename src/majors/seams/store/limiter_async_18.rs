//! Limits of a store's memories and tables for asynchronous limiters, 18 to 25: table sizes are 32 bits wide.

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
        current: u32,
        desired: u32,
        maximum: Option<u32>,
    ) -> Verdict<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let wide = |elements: u32| usize::try_from(elements).unwrap_or(usize::MAX);
        Box::pin(async move {
            self.table_async(wide(current), wide(desired), maximum.map(wide)).await.map_err(error::denied)
        })
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
