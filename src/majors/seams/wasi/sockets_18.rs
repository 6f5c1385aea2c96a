//! Checks of socket addresses, 18 to 21: a function that returns at once, and an enum that 18 and 19 do not export.

use std::net::SocketAddr;

use super::names::WasiCtxBuilder;
use crate::wasi::{SocketAddrCheck, SocketAddrUse, purposes};

pub(super) fn check(builder: &mut WasiCtxBuilder, check: SocketAddrCheck) {
    builder.socket_addr_check(move |address: &SocketAddr, raw| {
        let purposes: &[SocketAddrUse] = match format!("{raw:?}").as_str() {
            "TcpBind" => purposes::BIND_TO_LISTEN,
            "TcpConnect" => &[SocketAddrUse::TcpConnect],
            "UdpBind" => &[SocketAddrUse::UdpBind],
            "UdpConnect" => purposes::CONNECT_UDP,
            "UdpOutgoingDatagram" => &[SocketAddrUse::UdpSend],
            _ => return false,
        };
        check.permits(*address, purposes)
    });
}
