//! Owns the network policy: nothing is allowed by default, on every major; and the check of single addresses.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// A guest's network access; none by default.
///
/// Raw Wasmtime allows TCP and UDP by default up to 47 and denies them from 48 on; addresses are denied until
/// inherited (`WasiCtxBuilder` in wasmtime-wasi's `ctx.rs`). Here all of it is off by default.
///
/// ```
/// use wasmtime_compat::wasi::{Network, WasiConfig};
///
/// let mut wasi = WasiConfig::new();
/// assert_eq!(wasi.network, Network::none());
/// // A client that looks up names and connects to servers.
/// wasi.network = Network::none().tcp(true).ip_name_lookup(true);
/// assert_eq!(wasi.network.udp(true), Network::inherit());
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Network {
    pub(crate) tcp: bool,
    pub(crate) udp: bool,
    pub(crate) ip_name_lookup: bool,
}

impl Network {
    /// Nothing is allowed.
    pub fn none() -> Self {
        Self::default()
    }

    /// The host's network, whole: TCP, UDP and name lookup to and from every address.
    pub fn inherit() -> Self {
        Self { tcp: true, udp: true, ip_name_lookup: true }
    }

    /// Allows TCP with every address.
    #[must_use]
    pub fn tcp(mut self, on: bool) -> Self {
        self.tcp = on;
        self
    }

    /// Allows UDP with every address.
    #[must_use]
    pub fn udp(mut self, on: bool) -> Self {
        self.udp = on;
        self
    }

    /// Allows looking up host names.
    #[must_use]
    pub fn ip_name_lookup(mut self, on: bool) -> Self {
        self.ip_name_lookup = on;
        self
    }
}

/// The purpose for which a guest uses a socket address, for
/// [`WasiConfig::socket_addr_check`](super::WasiConfig::socket_addr_check).
///
/// ```
/// use std::net::SocketAddr;
///
/// use wasmtime_compat::wasi::{SocketAddrUse, WasiConfig};
///
/// // A server at one port, for clients on this machine.
/// let permits = |address: SocketAddr, purpose: SocketAddrUse| match purpose {
///     SocketAddrUse::TcpBind | SocketAddrUse::TcpListen => address.port() == 8080,
///     SocketAddrUse::TcpAccept => address.ip().is_loopback(),
///     _ => false,
/// };
/// assert!(!permits("192.0.2.1:80".parse().unwrap(), SocketAddrUse::TcpConnect));
/// WasiConfig::new().socket_addr_check(permits);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SocketAddrUse {
    /// Binding a TCP socket to this local address.
    TcpBind,
    /// Listening with a TCP socket that has this local address. Up to 47 Wasmtime has no check when a guest listens:
    /// there a guest can bind an address only if it may also listen at the address.
    TcpListen,
    /// Accepting a TCP connection from this peer. Wasmtime checks it from 48 on (the known difference
    /// `peers-unchecked`).
    TcpAccept,
    /// Connecting a TCP socket to this peer.
    TcpConnect,
    /// Binding a UDP socket to this local address. A guest that only sends binds `0.0.0.0:0` or `[::]:0`.
    UdpBind,
    /// Sending datagrams to this peer.
    UdpSend,
    /// Receiving datagrams from this peer. Wasmtime checks the peer of a connected socket on every major, and the sender of
    /// each datagram from 48 on (the known difference `peers-unchecked`).
    UdpReceive,
}

/// The host's check of socket addresses.
#[derive(Clone)]
pub(crate) struct SocketAddrCheck(Arc<dyn Fn(SocketAddr, SocketAddrUse) -> bool + Send + Sync>);

impl SocketAddrCheck {
    pub(super) fn new(check: impl Fn(SocketAddr, SocketAddrUse) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(check))
    }

    /// Whether the guest may use an address for all these purposes.
    #[allow(dead_code, reason = "only majors check")]
    pub(crate) fn permits(&self, address: SocketAddr, purposes: &[SocketAddrUse]) -> bool {
        purposes.iter().all(|purpose| (self.0)(address, *purpose))
    }
}

impl fmt::Debug for SocketAddrCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SocketAddrCheck")
    }
}

/// The purposes that the steps of a connection stand for, so that one policy means the same on every major.
#[allow(dead_code, reason = "which steps there are depends on the majors that are on")]
pub(crate) mod purposes {
    use std::net::SocketAddr;

    use super::SocketAddrUse::{self, TcpBind, TcpListen, UdpReceive, UdpSend};

    /// Binding where listening is not checked.
    pub(crate) const BIND_TO_LISTEN: &[SocketAddrUse] = &[TcpBind, TcpListen];

    /// Connecting a UDP socket.
    pub(crate) const CONNECT_UDP: &[SocketAddrUse] = &[UdpSend, UdpReceive];

    /// Binding where listening is checked. A guest that connects does not bind by itself: some majors then check the address
    /// that stands for any. A socket with such an address can do nothing before it connects or listens.
    pub(crate) fn bind_tcp(address: SocketAddr) -> &'static [SocketAddrUse] {
        if address.ip().is_unspecified() && address.port() == 0 { &[] } else { &[TcpBind] }
    }

    /// Listening, where it is checked: the address may have been bound without a check.
    pub(crate) const LISTEN: &[SocketAddrUse] = &[TcpBind, TcpListen];
}
