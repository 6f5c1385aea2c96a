//! New references on async engines, 18 to 32: there is room or there is not, and nothing to wait for.

use std::any::Any;

use super::references::{self, NewExternRef};
use super::wasmtime::{AsContextMut, Result};

pub(super) async fn new<R: Any + Send + Sync>(context: impl AsContextMut, value: R) -> Result<NewExternRef> {
    references::new(context, value)
}
