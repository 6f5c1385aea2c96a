//! Checked WASI 0.2 calls, 18 to 21: the store's data implements every interface; reading is async.

use super::names::{WasiCtx, WasiView};
use super::wasmtime::Result;
use super::wasmtime::component::{Resource, ResourceTable};
use super::whole::StoreData;

use super::names::bindings::cli::{stderr, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout};
use super::names::bindings::clocks::monotonic_clock;
use super::names::bindings::filesystem::{preopens, types as filesystem};
use super::names::bindings::io::{error, poll, streams};
use super::names::bindings::random::{insecure, random};
use super::names::bindings::sockets::{
    instance_network, ip_name_lookup, network, tcp, tcp_create_socket, udp, udp_create_socket,
};
use crate::bounds::Data;

/// A store's data by value: the traits are implemented for what can be seen as WASI, not for references to it.
struct Own<'a, T>(&'a mut StoreData<T>);

impl<T: Data + Send> WasiView for Own<'_, T> {
    fn table(&mut self) -> &mut ResourceTable {
        WasiView::table(self.0)
    }

    fn ctx(&mut self) -> &mut WasiCtx {
        WasiView::ctx(self.0)
    }
}

fn io<T: Data + Send>(data: &mut StoreData<T>) -> Own<'_, T> {
    Own(data)
}

fn fs<T: Data + Send>(data: &mut StoreData<T>) -> Own<'_, T> {
    Own(data)
}

// Nothing tells them apart here.
use {fs as cli, fs as random_of, fs as sockets};

/// What implements the clocks.
pub(super) fn clocks<T: Data + Send>(data: &mut StoreData<T>) -> impl monotonic_clock::Host {
    Own(data)
}

/// Reading, skipping and splicing waits.
macro_rules! read_stream {
    ($call:expr) => {
        $call.await
    };
}

/// Checking an address does not wait.
macro_rules! checked_address {
    ($call:expr) => {
        $call
    };
}

/// Dropping a stream does not wait.
macro_rules! drop_stream {
    ($interface:ident, $is_async:ident, $name:literal, $type:ty, $trait:path) => {
        let _ = $is_async;
        $interface.resource($name, ResourceType::host::<$type>(), |mut context, index| {
            context.data_mut().state_mut().file_streams.remove(&index);
            <_ as $trait>::drop(&mut io(context.data_mut()), Resource::new_own(index))
        })?;
    };
}

#[path = "../../common/wasi/p2_calls.rs"]
mod body;

fn drop_error<T: Data + Send>(data: &mut StoreData<T>, error: Resource<streams::Error>) -> Result<()> {
    error::HostError::drop(&mut io(data), error)
}

pub(super) use body::{drop_pollable, link, room};
