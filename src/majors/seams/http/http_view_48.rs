//! HTTP state in the store, 48 and later: the hooks return a future, and their bodies have another error.

use std::future::Future;

use super::common::StoreData;
use super::http_names::{HostResponseOutparam, HyperOutgoingBody, WasiHttpCtxView, WasiHttpView, wit::ErrorCode};
use super::http_send::{self, Io};
use super::wasmtime::component::Resource;
use super::wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpHooks};
use super::{view, wasmtime};
use crate::bounds::Data;
use crate::http::HttpConfig;

pub(super) struct Parts {
    ctx: WasiHttpCtx,
    hooks: Hooks,
}

pub(super) struct Hooks(HttpConfig);

pub(super) fn parts(ctx: WasiHttpCtx, config: HttpConfig) -> Parts {
    Parts { ctx, hooks: Hooks(config) }
}

pub(super) fn outparam<T: Data + Send>(
    data: &mut StoreData<T>,
    sender: tokio::sync::oneshot::Sender<Result<http::Response<HyperOutgoingBody>, ErrorCode>>,
) -> wasmtime::Result<Resource<HostResponseOutparam>> {
    data.http().new_response_outparam(sender)
}

impl<T: Data + Send> WasiHttpView for StoreData<T> {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let (wasi, Parts { ctx, hooks }) = self.wasi_and_http_mut();
        WasiHttpCtxView { ctx, table: view::table(wasi), hooks }
    }
}

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, Io), Error>> + Send> {
        Box::new(http_send::respond(self.0.clone(), request, options))
    }
}
