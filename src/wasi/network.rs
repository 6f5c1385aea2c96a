//! Owns the network policy: nothing is allowed by default, on every major.

/// A guest's network access; none by default.
///
/// Raw Wasmtime allows TCP and UDP by default up to 47 and denies them from 48 on; addresses are denied until
/// inherited (`WasiCtxBuilder` in wasmtime-wasi's `ctx.rs`). Here all of it is off by default.
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
