//! HTTP state in the store, 21 to 29, and 36 to 42: the view sends requests, and has the table.

use super::common::StoreData;
use super::http_names::{
    HostFutureIncomingResponse, HostResponseOutparam, HyperOutgoingBody, OutgoingRequestConfig, Sent, spawn,
    wit::ErrorCode,
};
use super::wasmtime::component::{Resource, ResourceTable};
use super::wasmtime_wasi_http::{WasiHttpCtx, WasiHttpView};
use super::{http_send, view, wasmtime};
use crate::bounds::Data;
use crate::http::HttpConfig;

pub(super) use super::wasmtime_wasi_http::WasiHttpCtx as Parts;

pub(super) fn parts(context: WasiHttpCtx, _: HttpConfig) -> Parts {
    context
}

pub(super) fn outparam<T: Data + Send>(
    data: &mut StoreData<T>,
    sender: tokio::sync::oneshot::Sender<Result<http::Response<HyperOutgoingBody>, ErrorCode>>,
) -> wasmtime::Result<Resource<HostResponseOutparam>> {
    data.new_response_outparam(sender)
}

impl<T: Data + Send> WasiHttpView for StoreData<T> {
    fn ctx(&mut self) -> &mut WasiHttpCtx {
        self.wasi_and_http_mut().1
    }

    fn table(&mut self) -> &mut ResourceTable {
        view::table(self.wasi_mut())
    }

    fn send_request(
        &mut self,
        request: http::Request<HyperOutgoingBody>,
        options: OutgoingRequestConfig,
    ) -> Sent<HostFutureIncomingResponse> {
        let config = self.http_config();
        let response = spawn(async move { Ok(http_send::respond(config, request, options).await) });
        Ok(HostFutureIncomingResponse::pending(response))
    }
}
