//! Checked WASI 0.2 calls, 37 to 47: a view of the context for each package; `wasi:io` is the table's.

use super::names::WasiView as _;
use super::wasmtime::Result;
use super::wasmtime::component::{Resource, ResourceTable};
use super::wasmtime_wasi::cli::{WasiCliCtxView, WasiCliView as _};
use super::wasmtime_wasi::clocks::{WasiClocksCtxView, WasiClocksView as _};
use super::wasmtime_wasi::filesystem::{WasiFilesystemCtxView, WasiFilesystemView as _};
use super::wasmtime_wasi::random::{WasiRandomCtx, WasiRandomView as _};
use super::wasmtime_wasi::sockets::{WasiSocketsCtxView, WasiSocketsView as _};
use super::whole::StoreData;

use super::names::bindings::cli::{stderr, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout};
use super::names::bindings::filesystem::{preopens, types as filesystem};
use super::names::bindings::random::{insecure, random};
use super::names::bindings::sockets::{
    instance_network, ip_name_lookup, network, tcp, tcp_create_socket, udp, udp_create_socket,
};
use super::wasmtime_wasi_io::bindings::wasi::io::{error, poll, streams};
use crate::bounds::Data;

fn io<T: Data + Send>(data: &mut StoreData<T>) -> &mut ResourceTable {
    data.wasi_mut().ctx().table
}

fn fs<T: Data + Send>(data: &mut StoreData<T>) -> WasiFilesystemCtxView<'_> {
    data.filesystem()
}

pub(super) fn clocks<T: Data + Send>(data: &mut StoreData<T>) -> WasiClocksCtxView<'_> {
    data.clocks()
}

fn random_of<T: Data + Send>(data: &mut StoreData<T>) -> &mut WasiRandomCtx {
    data.random()
}

fn cli<T: Data + Send>(data: &mut StoreData<T>) -> WasiCliCtxView<'_> {
    data.cli()
}

fn sockets<T: Data + Send>(data: &mut StoreData<T>) -> WasiSocketsCtxView<'_> {
    data.sockets()
}

/// Reading, skipping and splicing does not wait.
macro_rules! read_stream {
    ($call:expr) => {
        $call
    };
}

/// Checking an address waits.
macro_rules! checked_address {
    ($call:expr) => {
        $call.await
    };
}

/// Dropping a stream waits for its background work to end.
macro_rules! drop_stream {
    ($interface:ident, $is_async:ident, $name:literal, $type:ty, $trait:path) => {
        if $is_async {
            $interface.resource_async($name, ResourceType::host::<$type>(), |mut context, index| {
                context.data_mut().state_mut().file_streams.remove(&index);
                Box::new(
                    async move { <_ as $trait>::drop(&mut io(context.data_mut()), Resource::new_own(index)).await },
                )
            })?;
        } else {
            $interface.resource($name, ResourceType::host::<$type>(), |mut context, index| {
                context.data_mut().state_mut().file_streams.remove(&index);
                in_tokio(async { <_ as $trait>::drop(&mut io(context.data_mut()), Resource::new_own(index)).await })
            })?;
        }
    };
}

#[path = "../../common/wasi/p2_calls.rs"]
mod body;

fn drop_error<T: Data + Send>(data: &mut StoreData<T>, error: Resource<streams::Error>) -> Result<()> {
    error::HostError::drop(&mut io(data), error)
}

#[allow(unused_imports, reason = "only majors with polls that leave something behind ask for it")]
pub(super) use body::drop_pollable;
pub(super) use body::{link, room};
