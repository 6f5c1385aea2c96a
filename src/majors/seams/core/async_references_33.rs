//! New references on async engines, 33 and later: collecting garbage gives way to others, and up to 41 a reference must be made
//! asynchronously there.

use std::any::Any;

use super::common::StoreData;
use super::gc::Done as _;
use super::references::NewExternRef;
use super::wasmtime::{AsContextMut, ExternRef, Result, StoreContextMut};
use crate::bounds::Data;

pub(super) async fn new<R: Any + Send + Sync>(context: impl AsContextMut, value: R) -> Result<NewExternRef> {
    ExternRef::new_async(context, value).await
}

pub(super) async fn collect<T: Data + Send>(mut context: StoreContextMut<'_, StoreData<T>>) -> Result<()> {
    context.gc_async(None).await.done()
}
