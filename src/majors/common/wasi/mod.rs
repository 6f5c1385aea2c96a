//! WASI: the state in stores, and the functions in linkers.

mod build;
#[allow(dead_code, reason = "not every major has its calls checked here")]
mod calls;
mod chance;
mod deadline;
mod extras;
mod state;
mod stream;

use super::{
    MAJOR, StoreData, V, error, limited, lists, names, p1, p1_calls, p2_calls, p3, preopen, sockets, view, wasmtime,
    web,
};
use crate::backend::Wasi;
use crate::bounds::Data;
use crate::engine::Engine;
use crate::error::{ErrorKind, Result};
use crate::store::{Ambient, World};
use crate::wasi::WasiConfig;

pub(in super::super) use self::calls::*;
pub(in super::super) use self::chance::Random;
pub(in super::super) use self::deadline::{link_clock, link_clock_alone};
pub(in super::super) use self::state::WasiState;
pub(in super::super) use self::stream::{Input, Output, at_once, failed};

impl Wasi for V {
    fn new_store_with_wasi<T: Data + Send>(
        engine: &Engine<V>,
        data: T,
        world: Box<World>,
        config: &WasiConfig,
    ) -> Result<Self::Store<T>> {
        let (wasi, time) = build::build(config, &world)?;
        let state = WasiState::new(wasi, time);
        let data = StoreData::with_wasi(data, Ambient::with_world(engine.is_async(), world), engine, state);
        Ok(limited(wasmtime::Store::new(engine.as_raw(), data)))
    }

    fn link_wasi<T: Data + Send>(linker: &mut Self::Linker<T>, is_async: bool, raw_wasi: bool) -> Result<()> {
        p1::link(linker, is_async)
            .and_then(|()| if raw_wasi { Ok(()) } else { p1_calls::link(linker, is_async) })
            .map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add WASI"))
    }

    fn link_component_wasi<T: Data + Send>(
        linker: &mut Self::ComponentLinker<T>,
        is_async: bool,
        raw_wasi: bool,
    ) -> Result<()> {
        if is_async { names::link_p2_async(linker) } else { names::link_p2_sync(linker) }
            .and_then(|()| if raw_wasi { Ok(()) } else { p2_calls::link(linker, is_async) })
            .map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add WASI"))
    }

    fn link_wasi_p3<T: Data + Send>(linker: &mut Self::ComponentLinker<T>) -> Result<()> {
        p3::link(linker).map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add WASI 0.3"))
    }

    fn link_wasi_config<T: Data>(linker: &mut Self::ComponentLinker<T>) -> Result<()> {
        extras::link_config(linker).map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add `wasi:config`"))
    }

    fn link_wasi_keyvalue<T: Data>(linker: &mut Self::ComponentLinker<T>) -> Result<()> {
        extras::link_keyvalue(linker).map_err(|raw| error::classify(raw, ErrorKind::Link, "cannot add `wasi:keyvalue`"))
    }
}

/// Sets the limits of calls and of the table of resources in Wasmtime, where it has them.
pub(in super::super) fn apply_limits<T: Data>(store: &mut wasmtime::Store<StoreData<T>>) {
    let limits = store.data().ambient().gate.limits().calls;
    p1_calls::limit_calls(store, &limits);
    if let Some(wasi) = store.data_mut().state_mut().get_mut() {
        p1_calls::limit_handles(wasi, limits.handles);
    }
}

/// The exit code in an error, if the guest exited.
pub(in super::super) fn exit_code(raw: &wasmtime::Error) -> Option<i32> {
    raw.downcast_ref::<names::I32Exit>().map(|exit| exit.0)
}
