//! New references on async engines, 18 to 32: there is room or there is not. Nothing is waited for, also when garbage is
//! collected: 18 and 19 cannot on a context.

use std::any::Any;

use super::common::StoreData;
use super::gc;
use super::references::{self, NewExternRef};
use super::wasmtime::{AsContextMut, Result, StoreContextMut};
use crate::bounds::Data;

pub(super) async fn new<R: Any + Send + Sync>(context: impl AsContextMut, value: R) -> Result<NewExternRef> {
    references::new(context, value)
}

pub(super) async fn collect<T: Data + Send>(context: StoreContextMut<'_, StoreData<T>>) -> Result<()> {
    gc::collect(context)
}
