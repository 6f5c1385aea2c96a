//! WASI state in the store, 36 and later: one function gives the table and the context together.

use super::names::{WasiCtxBuilder, WasiCtxView, WasiView};
use super::wasmtime::component::ResourceTable;
use super::whole::StoreData;

pub(super) use super::names::WasiP1Ctx as Wasi;
use crate::bounds::Data;

pub(super) fn build(builder: &mut WasiCtxBuilder) -> Wasi {
    builder.build_p1()
}

/// The table of WASI resources.
#[allow(dead_code, reason = "not every major has its calls bounded here")]
pub(super) fn table(wasi: &mut Wasi) -> &mut ResourceTable {
    wasi.ctx().table
}

impl<T: Data + Send> WasiView for StoreData<T> {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi_mut().ctx()
    }
}
