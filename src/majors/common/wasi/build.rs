//! The neutral WASI world in this major's builder.

use super::chance::{Clock, Random};
use super::names::{MemoryInputPipe, WasiCtxBuilder};
use super::stream::{Input, Output};
use super::{MAJOR, p1_calls, preopen, sockets, view};
use crate::error::{Error, Result, Unsupported};
use crate::store::World;
use crate::wasi::{self, Stdin, VirtualTime, WasiConfig};

/// The world, and the clocks of it in which waiting takes no time, if it has such clocks.
pub(super) fn build(config: &WasiConfig, world: &World) -> Result<(view::Wasi, Option<VirtualTime>)> {
    let World { stdio, preopens, max_random_size, network, .. } = world;
    let mut builder = WasiCtxBuilder::new();
    builder.args(&config.args).envs(&config.env);
    match (&config.stdin, &stdio.stdin) {
        (Stdin::Bytes(bytes), _) => {
            builder.stdin(MemoryInputPipe::new(bytes::Bytes::copy_from_slice(bytes)));
        }
        (Stdin::Inherit, _) => {
            builder.inherit_stdin();
        }
        (_, Some(source)) => {
            builder.stdin(Input(source.clone()));
        }
        (_, None) => {}
    }
    if let Some(sink) = &stdio.stdout {
        builder.stdout(Output(sink.clone()));
    }
    if let Some(sink) = &stdio.stderr {
        builder.stderr(Output(sink.clone()));
    }
    let time = config.virtual_time();
    clocks(&mut builder, config, time.as_ref());
    chance(&mut builder, config);
    builder.allow_tcp(network.tcp).allow_udp(network.udp).allow_ip_name_lookup(network.ip_name_lookup);
    if network.tcp || network.udp {
        match &config.socket_addr_check {
            Some(check) => sockets::check(&mut builder, check.clone()),
            None => {
                builder.inherit_network();
            }
        }
    }
    p1_calls::limit_random(&mut builder, *max_random_size);
    for directory in preopens.usable() {
        if let until @ Some(_) = preopen::until(directory.access) {
            let what = "permissions of directories and of files apart".to_owned();
            return Err(Error::from_unsupported(Unsupported { until, ..Unsupported::new(what, MAJOR) }));
        }
        preopen::open(&mut builder, &directory.absolute, &directory.guest, directory.access)
            .map_err(|error| preopens.failed_to_open(&directory.absolute, &error))?;
    }
    Ok((view::build(&mut builder), time))
}

fn clocks(builder: &mut WasiCtxBuilder, config: &WasiConfig, time: Option<&VirtualTime>) {
    if let Some(time) = time {
        builder.wall_clock(Clock::<dyn wasi::HostWallClock>(Box::new(time.clone())));
        builder.monotonic_clock(Clock::<dyn wasi::HostMonotonicClock>(Box::new(time.clone())));
        return;
    }
    if let Some(clock) = &config.wall_clock {
        builder.wall_clock(Clock(clock.make()));
    }
    if let Some(clock) = &config.monotonic_clock {
        builder.monotonic_clock(Clock(clock.make()));
    }
}

fn chance(builder: &mut WasiCtxBuilder, config: &WasiConfig) {
    if let Some(source) = &config.secure_random {
        builder.secure_random(Random(source.make()));
    }
    if let Some(source) = &config.insecure_random {
        builder.insecure_random(Random(source.make()));
    }
    if let Some(seed) = config.insecure_random_seed {
        builder.insecure_random_seed(seed);
    }
}
