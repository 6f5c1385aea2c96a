//! Owns `Proxy`: an HTTP handler on one major, behind the object-safe layer.

use std::fmt;

use super::{HttpConfig, HttpWasmtime, ProxyPre, Request};
use crate::any_proxy::{AnyProxy, EndFn, ResponseFuture};
use crate::command::{Extras, RunConfig, store_for};
use crate::component::{Component, Linker};
use crate::engine::Engine;
use crate::error::Result;
use crate::guest::{self, Guest};
use crate::sealed::Sealed;

/// An HTTP handler on one major.
pub(crate) struct Proxy<W: HttpWasmtime> {
    guest: Guest,
    pre: ProxyPre<W, ()>,
    extras: Extras,
}

impl<W: HttpWasmtime> Proxy<W> {
    pub(crate) fn new(engine: &Engine<W>, bytes: &[u8]) -> Result<Self> {
        let wasm = guest::binary(bytes)?;
        let component = Component::new(engine, &wasm)?;
        let mut linker = Linker::new(engine);
        linker.add_wasi()?;
        linker.add_wasi_http()?;
        let guest = Guest::parse(&wasm)?;
        let extras = Extras::of(&guest);
        extras.link(&mut linker)?;
        Ok(Self { guest, pre: ProxyPre::new(linker.instantiate_pre(&component)?)?, extras })
    }
}

impl<W: HttpWasmtime> Sealed for Proxy<W> {}

impl<W: HttpWasmtime> AnyProxy for Proxy<W> {
    fn major(&self) -> u64 {
        W::MAJOR
    }

    fn guest(&self) -> &Guest {
        &self.guest
    }

    fn handle_then(&self, config: &RunConfig, http: &HttpConfig, request: Request, end: EndFn) -> ResponseFuture {
        let mut http = http.clone();
        if let Some(timeout) = config.timeout {
            let shorter = http.get().timeout.map_or(timeout, |other| other.min(timeout));
            http.timeout(shorter);
        }
        let extras = self.extras.expect(&config.wasi, W::MAJOR);
        let store = extras.and_then(|()| store_for(self.pre.engine(), config)).and_then(|mut store| {
            // A guest that computes must not keep a thread of the runtime to itself.
            if self.pre.engine().has_epochs() {
                store.set_epoch_deadline(1)?;
                store.epoch_deadline_async_yield_and_update(1)?;
            }
            store.set_http(&http);
            Ok(self.pre.handle_then(store, request, |_, result| end(result)))
        });
        Box::pin(async move { store?.await })
    }
}

impl<W: HttpWasmtime> fmt::Debug for Proxy<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("major", &W::MAJOR).field("guest", &self.guest).finish_non_exhaustive()
    }
}
