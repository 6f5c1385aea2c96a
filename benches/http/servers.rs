//! Owns the servers that are compared: the same hyper over `W: HttpWasmtime`, and over the bindings of each major.

use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;

use bytes::Bytes;
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use wasmtime_compat::component::{Component, Linker};
use wasmtime_compat::http::{self, HttpConfig, HttpWasmtime, ProxyPre};
use wasmtime_compat::wasi::WasiConfig;
use wasmtime_compat::{Config, Engine, Store, if_major};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::shared::Result;

/// The guest of the tests of `serve`, which responds with the path.
fn guest() -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let wit = include_str!("../../crates/cli/tests/cli/handler.wit");
    let package = resolve.push_source("handler.wit", wit)?;
    let world = resolve.select_world(&[package], Some("guest"))?;
    let mut module = wat::parse_str(include_str!("../../crates/cli/tests/cli/handler.wat"))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    Ok(ComponentEncoder::default().module(&module)?.encode()?)
}

/// Serves on a port of the system's choice as long as the process lives.
fn serve<F, R, B>(handle: F) -> Result<SocketAddr>
where
    F: Fn(Request<Incoming>) -> R + Clone + Send + 'static,
    R: Future<Output = Result<Response<B>>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            sender.send(listener.local_addr()?)?;
            loop {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let handle = handle.clone();
                tokio::spawn(async move {
                    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(handle));
                    if let Err(error) = connection.await {
                        eprintln!("a connection failed: {error:?}");
                    }
                });
            }
            #[allow(unreachable_code, reason = "it names the type of the block")]
            Result::Ok(())
        })
    });
    Ok(address.recv()?)
}

/// The generic layer: written once for every major.
pub(crate) fn ours<W: HttpWasmtime>() -> Result<SocketAddr> {
    let engine = Engine::<W>::new(&Config::new().async_support(true))?;
    let mut linker = Linker::<W, ()>::new(&engine);
    linker.add_wasi()?;
    linker.add_wasi_http()?;
    let pre = ProxyPre::new(linker.instantiate_pre(&Component::new(&engine, &guest()?)?)?)?;
    let (wasi, http) = (WasiConfig::new(), HttpConfig::new());
    serve(move |request: Request<Incoming>| {
        let store = Store::with_wasi(pre.engine(), (), &wasi).map(|mut store| {
            store.set_http(&http);
            pre.handle(store, request.map(http::Body::new))
        });
        async move { Ok(store?.await?) }
    })
}

/// The same against one major's own crates, as their documentation shows it.
macro_rules! direct {
    (
        $name:ident: $major:ident, $($http:ident)::+, $($link_wasi:ident)::+, $($config:ident)?;
        $state:ident($data:ident => $view:expr), $($views:item)+
    ) => {
        pub(crate) mod $name {
            use wasmtime_compat::$major::{wasmtime, wasmtime_wasi, wasmtime_wasi_http};

            use wasmtime::component::{Component, Linker, ResourceTable};
            use wasmtime::{Config, Engine, Store};
            use wasmtime_wasi::*;
            use wasmtime_wasi_http::*;
            use $($http)::+::bindings::ProxyPre;
            use $($http)::+::bindings::http::types::Scheme;

            use super::{Incoming, Request, Result, SocketAddr, guest, serve};

            pub(crate) struct $state {
                table: ResourceTable,
                wasi: wasmtime_wasi::WasiCtx,
                http: WasiHttpCtx,
            }

            $($views)+

            pub(crate) fn serve_direct() -> Result<SocketAddr> {
                #[allow(unused_mut, reason = "up to 42 asynchronous calls are to be turned on")]
                let mut config = Config::new();
                $(config.$config(true);)?
                let engine = Engine::new(&config)?;
                let mut linker = Linker::<$state>::new(&engine);
                $($link_wasi)::+::add_to_linker_async(&mut linker)?;
                $($http)::+::add_only_http_to_linker_async(&mut linker)?;
                let pre = ProxyPre::new(linker.instantiate_pre(&Component::new(&engine, guest()?)?)?)?;
                serve(move |request: Request<Incoming>| {
                    let pre = pre.clone();
                    async move {
                        let state = $state {
                            table: ResourceTable::new(),
                            wasi: WasiCtxBuilder::new().build(),
                            http: WasiHttpCtx::new(),
                        };
                        let mut store = Store::new(pre.engine(), state);
                        let (sender, receiver) = tokio::sync::oneshot::channel();
                        let $data = store.data_mut();
                        let request = $view.new_incoming_request(Scheme::Http, request)?;
                        let out = $view.new_response_outparam(sender)?;
                        let task = tokio::spawn(async move {
                            let proxy = pre.instantiate_async(&mut store).await?;
                            proxy.wasi_http_incoming_handler().call_handle(store, request, out).await
                        });
                        match receiver.await {
                            Ok(response) => Ok(response?),
                            Err(_) => Err(format!("no response: {:?}", task.await?).into()),
                        }
                    }
                })
            }
        }
    };
}

if_major!(24 => {
    direct! {
        direct_24: v24, wasmtime_wasi_http, wasmtime_wasi, async_support;
        State(state => state),
        impl WasiView for State {
            fn table(&mut self) -> &mut ResourceTable {
                &mut self.table
            }

            fn ctx(&mut self) -> &mut WasiCtx {
                &mut self.wasi
            }
        }
        impl WasiHttpView for State {
            fn table(&mut self) -> &mut ResourceTable {
                &mut self.table
            }

            fn ctx(&mut self) -> &mut WasiHttpCtx {
                &mut self.http
            }
        }
    }
});

if_major!(36 => {
    direct! {
        direct_36: v36, wasmtime_wasi_http, wasmtime_wasi::p2, async_support;
        State(state => state),
        impl WasiView for State {
            fn ctx(&mut self) -> WasiCtxView<'_> {
                WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
            }
        }
        impl WasiHttpView for State {
            fn table(&mut self) -> &mut ResourceTable {
                &mut self.table
            }

            fn ctx(&mut self) -> &mut WasiHttpCtx {
                &mut self.http
            }
        }
    }
});

if_major!(48 => {
    direct! {
        direct_48: v48, wasmtime_wasi_http::p2, wasmtime_wasi::p2,;
        State(state => state.http()),
        impl WasiView for State {
            fn ctx(&mut self) -> WasiCtxView<'_> {
                WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
            }
        }
        impl WasiHttpView for State {
            fn http(&mut self) -> WasiHttpCtxView<'_> {
                WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: Default::default() }
            }
        }
    }
});
