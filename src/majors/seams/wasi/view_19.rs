//! WASI state in the store, 19 to 29: `WasiP1Ctx` holds it all; the view gives the table and the context.

use super::names::{WasiCtx, WasiCtxBuilder, WasiView};
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

impl<T: Data + Send> WasiView for StoreData<T> {
    fn table(&mut self) -> &mut ResourceTable {
        self.wasi_mut().table()
    }

    fn ctx(&mut self) -> &mut WasiCtx {
        self.wasi_mut().ctx()
    }
}
