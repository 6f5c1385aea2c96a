//! Owns the neutral state of a store: what every context must know and no major decides.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Mode;
use super::epochs::Epochs;
use super::gate::Gate;
use crate::component::ResourceTable;
use crate::error::{Error, ErrorKind, Result};
use crate::wasi::{ConfigVariables, KeyValue, Network, PreopenReport, Stdio};

/// The neutral state of a store, which each major holds beside the data of its user.
#[derive(Debug)]
#[doc(hidden)]
pub struct Ambient {
    pub(crate) id: StoreId,
    /// The same, if every synchronous call is possible; otherwise one that no object has. So one comparison decides both.
    pub(crate) sync_id: StoreId,
    pub(crate) mode: Mode,
    pub(crate) gate: Gate,
    pub(crate) resources: ResourceTable,
    /// Only of stores whose engine checks epochs.
    pub(crate) epochs: Option<Arc<Epochs>>,
    // Boxed, so that stores without WASI do not carry the room about while they are made.
    pub(crate) world: Option<Box<World>>,
    /// Boxed for the same reason.
    pub(crate) extras: Option<Box<Extras>>,
    #[cfg(feature = "_http")]
    pub(crate) http: Option<crate::http::HttpConfig>,
}

/// The neutral state that only stores with WASI have.
#[derive(Debug)]
#[doc(hidden)]
pub struct World {
    pub(crate) stdio: Stdio,
    pub(crate) preopens: PreopenReport,
    /// See [`WasiConfig::allow_broken_adapter`](crate::wasi::WasiConfig::allow_broken_adapter).
    pub(crate) allow_broken_adapter: bool,
    /// See [`WasiConfig::max_random_size`](crate::wasi::WasiConfig::max_random_size).
    pub(crate) max_random_size: u64,
    /// The guest's access to the network: up to 47 Wasmtime lets the guest make sockets in any case.
    pub(crate) network: Network,
}

/// What guests reach with the interfaces that a host adds beside WASI.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    pub(crate) variables: Option<ConfigVariables>,
    pub(crate) values: Option<KeyValue>,
}

impl Ambient {
    /// The state of a store without WASI; `has_wasi` if WASI may be added to the store without notice.
    #[inline]
    pub(crate) fn new(is_async: bool, has_wasi: bool) -> Self {
        let (id, mode) = (StoreId::next(), Mode { is_async, has_wasi });
        Self {
            id,
            sync_id: if mode == Mode::default() { id } else { StoreId::NONE },
            mode,
            gate: Gate::default(),
            resources: ResourceTable::new(),
            epochs: None,
            world: None,
            extras: None,
            #[cfg(feature = "_http")]
            http: None,
        }
    }

    /// Notes that guests of the store may call WASI.
    pub(crate) fn add_wasi(&mut self) {
        self.mode.has_wasi = true;
        self.sync_id = StoreId::NONE;
    }

    /// What guests read with `wasi:config`.
    #[allow(dead_code, reason = "only majors call it")]
    pub(crate) fn variables(&self) -> Option<&ConfigVariables> {
        self.extras.as_deref()?.variables.as_ref()
    }

    /// What guests read and write with `wasi:keyvalue`.
    #[allow(dead_code, reason = "only majors call it")]
    pub(crate) fn values(&self) -> Option<&KeyValue> {
        self.extras.as_deref()?.values.as_ref()
    }

    /// The state of a store with WASI.
    #[allow(dead_code, reason = "only majors call it")]
    pub(crate) fn with_world(is_async: bool, world: Box<World>) -> Self {
        Self { world: Some(world), ..Self::new(is_async, true) }
    }
}

/// Which store an object belongs to, so that using the object with another store is an error and not a panic.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[doc(hidden)]
pub struct StoreId(u64);

impl StoreId {
    /// The store of an object that was made with the major itself: the major checks the object.
    pub(crate) const UNKNOWN: Self = Self(0);

    /// The store of no object.
    pub(crate) const NONE: Self = Self(u64::MAX);

    #[inline]
    fn next() -> Self {
        /// The numbers that a thread takes at once, so that most stores are made without touching what threads share.
        const BATCH: u64 = 1 << 16;
        static BATCHES: AtomicU64 = AtomicU64::new(0);
        thread_local! {
            static LAST: Cell<u64> = const { Cell::new(0) };
        }
        let mut last = LAST.get();
        if last.is_multiple_of(BATCH) {
            last = BATCHES.fetch_add(1, Ordering::Relaxed) * BATCH;
        }
        LAST.set(last + 1);
        Self(last + 1)
    }

    /// Refuses an object of another store.
    #[inline]
    pub(crate) fn expect(self, object: Self, what: &str) -> Result<()> {
        if self == object || object == Self::UNKNOWN { Ok(()) } else { Err(another_store(what)) }
    }
}

#[cold]
fn another_store(what: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("the {what} belongs to another store"))
        .with_hint("an object of a store can be used with that store only")
}
