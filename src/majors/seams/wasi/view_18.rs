//! WASI state in the store, 18: context, table and preview1 adapter apart, reached through two view traits.

use super::names::preview1::{WasiPreview1Adapter, WasiPreview1View};
use super::names::{WasiCtx, WasiCtxBuilder, WasiView};
use super::wasmtime::component::ResourceTable;
use super::whole::StoreData;
use crate::bounds::Data;

pub(super) struct Wasi {
    ctx: WasiCtx,
    table: ResourceTable,
    adapter: WasiPreview1Adapter,
}

pub(super) fn build(builder: &mut WasiCtxBuilder) -> Wasi {
    Wasi { ctx: builder.build(), table: ResourceTable::new(), adapter: WasiPreview1Adapter::new() }
}

/// The table of WASI resources.
#[allow(dead_code, reason = "not every major has its calls bounded here")]
pub(super) fn table(wasi: &mut Wasi) -> &mut ResourceTable {
    &mut wasi.table
}

impl<T: Data + Send> WasiView for StoreData<T> {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.wasi_mut().table
    }

    fn ctx(&mut self) -> &mut WasiCtx {
        &mut self.wasi_mut().ctx
    }
}

impl<T: Data + Send> WasiPreview1View for StoreData<T> {
    fn adapter(&self) -> &WasiPreview1Adapter {
        &self.wasi().adapter
    }

    fn adapter_mut(&mut self) -> &mut WasiPreview1Adapter {
        &mut self.wasi_mut().adapter
    }
}
