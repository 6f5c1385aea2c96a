//! HTTP: the state in stores, the functions in linkers, and requests to guests. `none.rs` is mounted in its place while the feature
//! of the major is off.

mod bodies;
pub(super) mod budget;
mod codes;
pub(super) mod measure;
mod outgoing;

use super::common::StoreData;
use super::common::error::{call, classify, no_function, other_type};
use super::http_names::{HostIncomingRequest, HostResponseOutparam, link, wit};
use super::wasmtime::component::Resource;
use super::{V, exports, http_calls, http_errors, http_fields, http_names, http_request, http_view, view, wasmtime};
use crate::any_proxy::AnyProxy;
use crate::backend::{Https, Proxies};
use crate::bounds::Data;
use crate::engine::Engine;
use crate::error::{ErrorKind, Result};
use crate::http::held::{Held, LEAST};
use crate::http::{Answer, HttpConfig, HttpWasmtime, MAX_FIELD_SIZE, Proxy, Request};

pub(super) use self::bodies::{body_from_raw, body_to_raw};
pub(super) use self::codes::{from_wit, to_wit};
pub(super) use self::outgoing::{Decided, Timeouts, decide, limited};

/// The HTTP state of a store.
#[derive(Default)]
pub(super) struct HttpState {
    // Boxed, so that stores without HTTP do not carry the room about while they are made.
    parts: Option<Box<http_view::Parts>>,
    /// What the resources hold, once there are any.
    held: Option<Box<Held>>,
}

impl HttpState {
    /// The state, for this configuration.
    fn parts(&mut self, config: Option<&HttpConfig>) -> &mut http_view::Parts {
        self.parts.get_or_insert_with(|| {
            let config = config.cloned().unwrap_or_default();
            Box::new(http_view::parts(http_request::context(config.get().max_field_size), config))
        })
    }
}

impl<T> StoreData<T> {
    /// The states of WASI and of HTTP.
    pub(super) fn wasi_and_http_mut(&mut self) -> (&mut view::Wasi, &mut http_view::Parts) {
        let (ambient, state) = self.ambient_and_state_mut();
        let (wasi, http) = state.wasi_and_http_mut();
        (wasi, http.parts(ambient.http.as_ref()))
    }

    /// The configuration of HTTP.
    pub(super) fn http_config(&self) -> HttpConfig {
        self.ambient().http.clone().unwrap_or_default()
    }

    /// The size that fields may have.
    pub(super) fn max_field_size(&self) -> usize {
        self.ambient().http.as_ref().map_or(MAX_FIELD_SIZE, |config| config.get().max_field_size)
    }

    /// What the resources of HTTP hold.
    pub(super) fn held_mut(&mut self) -> &mut Held {
        self.state_mut().http_mut().held.get_or_insert_default()
    }

    /// What they may hold.
    pub(super) fn max_held(&self) -> usize {
        self.ambient().gate.limits().total_memory_bytes.max(LEAST)
    }
}

impl HttpWasmtime for V {}

impl Proxies for V {
    fn proxy(engine: &Engine<V>, wasm: &[u8]) -> Result<Box<dyn AnyProxy>> {
        Ok(Box::new(Proxy::new(engine, wasm)?))
    }
}

impl Https for V {
    type Exchange = (Resource<HostIncomingRequest>, Resource<HostResponseOutparam>);

    fn link_http<T: Data + Send>(linker: &mut Self::ComponentLinker<T>, raw_wasi: bool) -> Result<()> {
        let linked = link(linker).and_then(|()| if raw_wasi { Ok(()) } else { http_calls::link(linker) });
        linked.map_err(|raw| classify(raw, ErrorKind::Link, "cannot add HTTP"))
    }

    fn apply_http<T: Data + Send>(store: &mut Self::Store<T>) {
        store.data_mut().state_mut().wasi_and_http_mut().1.parts = None;
    }

    fn begin_exchange<T: Data + Send>(
        store: &mut Self::Store<T>,
        request: Request,
    ) -> Result<(Self::Exchange, Answer)> {
        let data = store.data_mut();
        let scheme = match request.uri().scheme_str() {
            Some("https") => wit::Scheme::Https,
            Some("http") | None => wit::Scheme::Http,
            Some(other) => wit::Scheme::Other(other.to_owned()),
        };
        let pause = data.http_config().get().between_bytes_timeout;
        let request = http_request::incoming(data, scheme, request.map(body_to_raw), pause)
            .map_err(|raw| classify(raw, ErrorKind::InvalidArgument, "cannot give the request to the guest"))?;
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let outparam = http_view::outparam(data, sender)
            .map_err(|raw| classify(raw, ErrorKind::Other, "cannot prepare the response"))?;
        let answer = async move {
            let answer = receiver.await.ok()?;
            Some(answer.map(|response| response.map(body_from_raw)).map_err(from_wit))
        };
        Ok(((request, outparam), Box::pin(answer)))
    }

    #[allow(deprecated, reason = "`post_return_async` must be called up to 41 and does nothing from 42 on")]
    async fn call_handler<T: Data + Send>(
        instance: &Self::ComponentInstance,
        mut context: Self::StoreContextMut<'_, T>,
        handler: &Self::ComponentExportIndex,
        exchange: Self::Exchange,
    ) -> Result<()> {
        let handle = exports::func(instance, &mut context, handler)
            .ok_or_else(|| no_function("handle", " in `wasi:http/incoming-handler`"))?
            .typed::<Self::Exchange, ()>(&context)
            .map_err(|raw| other_type(raw, "handle"))?;
        handle.call_async(&mut context, exchange).await.map_err(call)?;
        handle.post_return_async(&mut context).await.map_err(call)
    }
}
