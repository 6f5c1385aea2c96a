//! WASI state in the store, 30 to 35: the table moves to a trait of its own, `IoView`.

use super::names::{IoView, WasiCtx, WasiCtxBuilder, WasiView};
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
    wasi.table()
}

impl<T: Data + Send> IoView for StoreData<T> {
    fn table(&mut self) -> &mut ResourceTable {
        self.wasi_mut().table()
    }
}

impl<T: Data + Send> WasiView for StoreData<T> {
    fn ctx(&mut self) -> &mut WasiCtx {
        self.wasi_mut().ctx()
    }
}
