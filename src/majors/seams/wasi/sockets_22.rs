//! Checks of socket addresses, 22 to 47: the function returns a future. Listening, accepting and receiving is not checked.

use super::names::{SocketAddrUse as Raw, WasiCtxBuilder};
use crate::wasi::{SocketAddrCheck, SocketAddrUse, purposes};

pub(super) fn check(builder: &mut WasiCtxBuilder, check: SocketAddrCheck) {
    builder.socket_addr_check(move |address, raw| {
        let purposes: &[SocketAddrUse] = match raw {
            Raw::TcpBind => purposes::BIND_TO_LISTEN,
            Raw::TcpConnect => &[SocketAddrUse::TcpConnect],
            Raw::UdpBind => &[SocketAddrUse::UdpBind],
            Raw::UdpConnect => purposes::CONNECT_UDP,
            Raw::UdpOutgoingDatagram => &[SocketAddrUse::UdpSend],
        };
        let permitted = check.permits(address, purposes);
        Box::pin(async move { permitted })
    });
}
