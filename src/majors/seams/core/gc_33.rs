//! Collecting garbage, 33 and later: for an allocation that failed or for none, and from 42 on it can fail itself.

use super::common::StoreData;
use super::wasmtime::{Result, StoreContextMut};
use crate::bounds::Data;

#[allow(clippy::unit_arg, reason = "up to 41 it returns nothing")]
pub(super) fn collect<T: Data>(mut context: StoreContextMut<'_, StoreData<T>>) -> Result<()> {
    context.gc(None).done()
}

/// What collecting returns: nothing, or a result.
pub(super) trait Done {
    fn done(self) -> Result<()>;
}

impl Done for () {
    fn done(self) -> Result<()> {
        Ok(())
    }
}

impl Done for Result<()> {
    fn done(self) -> Result<()> {
        self
    }
}
