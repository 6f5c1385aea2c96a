//! The neutral WASI world in this major's builder.

use super::names::{MemoryInputPipe, WasiCtxBuilder};
use super::stream::{Input, Output};
use super::{p1_calls, preopen, view};
use crate::error::Result;
use crate::store::World;
use crate::wasi::{Stdin, Stdout, WasiConfig};

pub(super) fn build(config: &WasiConfig, world: &World) -> Result<view::Wasi> {
    let World { stdio, preopens, max_random_size, network, .. } = world;
    let mut builder = WasiCtxBuilder::new();
    builder.args(&config.args).envs(&config.env);
    match (&config.stdin, &stdio.stdin_file) {
        (Stdin::Bytes(bytes), _) => {
            builder.stdin(MemoryInputPipe::new(bytes::Bytes::copy_from_slice(bytes)));
        }
        (Stdin::File(_), Some(file)) => {
            builder.stdin(Input(file.clone()));
        }
        (Stdin::Inherit, _) => {
            builder.inherit_stdin();
        }
        (Stdin::Null | Stdin::File(_), _) => {}
    }
    match &stdio.stdout {
        Some(capture) => {
            builder.stdout(Output(capture.clone()));
        }
        None if matches!(config.stdout, Stdout::Inherit) => {
            builder.inherit_stdout();
        }
        None => {}
    }
    match &stdio.stderr {
        Some(capture) => {
            builder.stderr(Output(capture.clone()));
        }
        None if matches!(config.stderr, Stdout::Inherit) => {
            builder.inherit_stderr();
        }
        None => {}
    }
    builder.allow_tcp(network.tcp).allow_udp(network.udp).allow_ip_name_lookup(network.ip_name_lookup);
    if network.tcp || network.udp {
        builder.inherit_network();
    }
    p1_calls::limit_random(&mut builder, *max_random_size);
    for directory in preopens.usable() {
        preopen::open(&mut builder, &directory.absolute, &directory.guest, directory.access)
            .map_err(|error| preopens.failed_to_open(&directory.absolute, &error))?;
    }
    Ok(view::build(&mut builder))
}
