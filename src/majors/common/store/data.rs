//! What a store holds: the user's data beside the WASI state and the limits.

use std::cell::OnceCell;
use std::sync::Arc;

use super::names::WasiCtxBuilder;
use super::{p1_calls, view, wasmtime};
use crate::limits::{CallLimits, Meter, StoreLimits};
use crate::store::Mode;
use crate::wasi::{MAX_RANDOM_SIZE, Network};

/// The data of this major's stores: yours, and what WASI needs.
pub struct StoreData<T> {
    user: T,
    mode: Mode,
    // Boxed, so that stores without them do not carry their room about while they are made.
    world: OnceCell<Box<World>>,
    limiter: Limiter,
    /// Files and directories that preview1 has opened, where that is counted here.
    pub(super) open: usize,
    /// Numbers of the resources that a poll of preview1 makes, where they have to be dropped here.
    pub(super) pollables: Vec<u32>,
}

/// Asked by Wasmtime before memories and tables grow.
pub(in super::super) struct Limiter(pub(in super::super) Meter);

/// What only stores with WASI have.
pub(super) struct World {
    pub(super) wasi: view::Wasi,
    /// The guest paths of its preopens, if components shall be guarded against adapters that misname them.
    pub(super) guarded: Option<Box<[Arc<str>]>>,
    /// See [`WasiConfig::max_random_size`](crate::wasi::WasiConfig::max_random_size).
    pub(super) max_random_size: u64,
    /// What the guest may do on the network: up to 47 Wasmtime lets it make sockets in any case.
    pub(super) network: Network,
}

impl<T> StoreData<T> {
    /// Data for a store made with the major itself; `is_async` says how its engine was made.
    pub fn new(user: T, is_async: bool) -> Self {
        Self::with_mode(user, Mode { is_async, has_wasi: true })
    }

    pub(super) fn with_mode(user: T, mode: Mode) -> Self {
        Self::new_with(user, mode, OnceCell::new())
    }

    pub(super) fn with_world(user: T, is_async: bool, world: Box<World>) -> Self {
        Self::new_with(user, Mode { is_async, has_wasi: true }, OnceCell::from(world))
    }

    fn new_with(user: T, mode: Mode, world: OnceCell<Box<World>>) -> Self {
        Self { user, mode, world, limiter: Limiter(Meter::new(StoreLimits::new())), open: 0, pollables: Vec::new() }
    }

    /// Your data.
    pub fn data(&self) -> &T {
        &self.user
    }

    /// Your data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.user
    }

    /// Your data, and nothing else.
    pub fn into_data(self) -> T {
        self.user
    }

    #[inline]
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    pub(super) fn expect_wasi(&mut self) {
        self.mode.has_wasi = true;
    }

    /// See [`World::guarded`].
    pub(super) fn guarded(&self) -> &[Arc<str>] {
        self.world.get().and_then(|world| world.guarded.as_deref()).unwrap_or_default()
    }

    pub(super) fn set_limits(&mut self, limits: &StoreLimits) {
        self.limiter.0.limits = *limits;
        if let Some(world) = self.world.get_mut() {
            p1_calls::limit_handles(&mut world.wasi, limits.calls.handles);
        }
    }

    pub(super) fn limiter_mut(&mut self) -> &mut dyn wasmtime::ResourceLimiter {
        &mut self.limiter
    }
}

/// What checked calls ask for.
#[allow(dead_code, reason = "not every major has its calls checked here")]
impl<T> StoreData<T> {
    pub(in super::super) fn calls(&self) -> &CallLimits {
        &self.limiter.0.limits.calls
    }

    pub(in super::super) fn max_random_size(&self) -> u64 {
        self.world.get().map_or(MAX_RANDOM_SIZE, |world| world.max_random_size)
    }

    pub(in super::super) fn network(&self) -> Network {
        self.world.get().map_or(Network::none(), |world| world.network)
    }

    pub(in super::super) fn open(&self) -> usize {
        self.open
    }
}

impl<T> StoreData<T> {
    /// The WASI state, mutably; a store that was given none has an empty world.
    pub(in super::super) fn wasi_mut(&mut self) -> &mut view::Wasi {
        if self.world.get().is_none() {
            self.world = OnceCell::from(empty_world());
        }
        match self.world.get_mut() {
            Some(world) => &mut world.wasi,
            None => unreachable!("it was set just above"),
        }
    }

    /// The WASI state; a store that was given none has an empty world.
    #[allow(dead_code, reason = "only 18's view asks for it without mutating")]
    pub(in super::super) fn wasi(&self) -> &view::Wasi {
        &self.world.get_or_init(empty_world).wasi
    }
}

fn empty_world() -> Box<World> {
    let wasi = view::build(&mut WasiCtxBuilder::new());
    Box::new(World { wasi, guarded: None, max_random_size: MAX_RANDOM_SIZE, network: Network::none() })
}
