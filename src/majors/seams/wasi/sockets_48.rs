//! Checks of socket addresses, 48 and later: each step is checked, also binding by the operating system.

use super::names::WasiCtxBuilder;
use super::wasmtime_wasi::sockets::SocketAddrUse as Raw;
use crate::wasi::{SocketAddrCheck, SocketAddrUse, purposes};

pub(super) fn check(builder: &mut WasiCtxBuilder, check: SocketAddrCheck) {
    builder.socket_addr_check(move |address, raw| {
        let purposes: &[SocketAddrUse] = match raw {
            Raw::TcpBind => purposes::bind_tcp(address),
            Raw::TcpListen => purposes::LISTEN,
            Raw::TcpAccept => &[SocketAddrUse::TcpAccept],
            Raw::TcpConnect => &[SocketAddrUse::TcpConnect],
            Raw::UdpBind => &[SocketAddrUse::UdpBind],
            Raw::UdpSend => &[SocketAddrUse::UdpSend],
            Raw::UdpReceive => &[SocketAddrUse::UdpReceive],
        };
        let permitted = check.permits(address, purposes);
        Box::pin(async move { permitted })
    });
}
