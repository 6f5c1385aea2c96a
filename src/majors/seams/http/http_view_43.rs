//! HTTP state in the store, 43 to 47: the view only lends context, table and hooks, and the hooks send requests.

use super::common::StoreData;
use super::http_names::{
    HostFutureIncomingResponse, HostResponseOutparam, HyperOutgoingBody, OutgoingRequestConfig, Sent, WasiHttpCtxView,
    WasiHttpView, spawn, wit::ErrorCode,
};
use super::wasmtime::component::Resource;
use super::wasmtime_wasi_http::WasiHttpCtx;
use super::wasmtime_wasi_http::p2::WasiHttpHooks;
use super::{http_send, view, wasmtime};
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
        request: http::Request<HyperOutgoingBody>,
        options: OutgoingRequestConfig,
    ) -> Sent<HostFutureIncomingResponse> {
        let config = self.0.clone();
        let response = spawn(async move { Ok(http_send::respond(config, request, options).await) });
        Ok(HostFutureIncomingResponse::pending(response))
    }
}
