//! What a store holds: the user's data beside the WASI state and the limits.

use std::cell::OnceCell;
use std::sync::Arc;

use super::names::WasiCtxBuilder;
use super::{view, wasmtime};
use crate::config::StoreLimits;
use crate::store::Mode;

/// The data of this major's stores: yours, and what WASI needs.
pub struct StoreData<T> {
    user: T,
    mode: Mode,
    // Boxed, so that stores without them do not carry their room about while they are made.
    world: OnceCell<Box<World>>,
    limits: Option<Box<wasmtime::StoreLimits>>,
}

/// What only stores with WASI have.
pub(super) struct World {
    pub(super) wasi: view::Wasi,
    /// The guest paths of its preopens, if components shall be guarded against adapters that misname them.
    pub(super) guarded: Option<Box<[Arc<str>]>>,
}

impl<T> StoreData<T> {
    /// Data for a store made with the major itself; `is_async` says how its engine was made.
    pub fn new(user: T, is_async: bool) -> Self {
        Self::with_mode(user, Mode { is_async, has_wasi: true })
    }

    pub(super) fn with_mode(user: T, mode: Mode) -> Self {
        Self { user, mode, world: OnceCell::new(), limits: None }
    }

    pub(super) fn with_world(user: T, is_async: bool, world: Box<World>) -> Self {
        let mode = Mode { is_async, has_wasi: true };
        Self { user, mode, world: OnceCell::from(world), limits: None }
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
        let mut builder = wasmtime::StoreLimitsBuilder::new().trap_on_grow_failure(limits.trap_on_grow_failure);
        if let Some(bytes) = limits.memory_bytes {
            builder = builder.memory_size(bytes);
        }
        if let Some(elements) = limits.table_elements {
            // 32 bits wide up to 25; a table cannot be larger there.
            #[allow(clippy::useless_conversion, reason = "from 26 on it has this type already")]
            let elements = elements.try_into().unwrap_or(u32::MAX as _);
            builder = builder.table_elements(elements);
        }
        if let Some(instances) = limits.instances {
            builder = builder.instances(instances);
        }
        self.limits = Some(Box::new(builder.build()));
    }

    pub(super) fn limits_mut(&mut self) -> &mut dyn wasmtime::ResourceLimiter {
        &mut **self.limits.get_or_insert_default()
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
    Box::new(World { wasi: view::build(&mut WasiCtxBuilder::new()), guarded: None })
}
