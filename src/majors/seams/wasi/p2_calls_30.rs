//! Checked WASI 0.2 calls, 30 to 35: a wrapper of a wrapper implements them, the inner one those of `wasi:io`.

use super::names::{IoImpl, WasiImpl};
use super::wasmtime::Result;
use super::wasmtime::component::Resource;
use super::whole::StoreData;

use super::names::bindings::cli::{stderr, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout};
use super::names::bindings::clocks::monotonic_clock;
use super::names::bindings::filesystem::{preopens, types as filesystem};
use super::names::bindings::random::{insecure, random};
use super::names::bindings::sockets::{
    instance_network, ip_name_lookup, network, tcp, tcp_create_socket, udp, udp_create_socket,
};
use super::wasmtime_wasi_io::bindings::wasi::io::{error, poll, streams};
use crate::bounds::Data;

fn io<T: Data + Send>(data: &mut StoreData<T>) -> IoImpl<&mut StoreData<T>> {
    IoImpl(data)
}

fn fs<T: Data + Send>(data: &mut StoreData<T>) -> WasiImpl<&mut StoreData<T>> {
    WasiImpl(IoImpl(data))
}

// Nothing tells them apart here.
use {fs as cli, fs as random_of, fs as sockets};

/// What implements the clocks.
pub(super) fn clocks<T: Data + Send>(data: &mut StoreData<T>) -> impl monotonic_clock::Host {
    WasiImpl(IoImpl(data))
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

pub(super) use body::{drop_pollable, link, room};
