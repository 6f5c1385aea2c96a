//! New references on async engines, 33 and later: collecting garbage gives way to others, and up to 41 a reference must be made
//! asynchronously there.

use std::any::Any;

use super::references::NewExternRef;
use super::wasmtime::{AsContextMut, ExternRef, Result};

pub(super) async fn new<R: Any + Send + Sync>(context: impl AsContextMut, value: R) -> Result<NewExternRef> {
    ExternRef::new_async(context, value).await
}
