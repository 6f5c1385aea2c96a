//! Owns `Engine`: compiled-code settings shared by modules and stores.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::config::Config;
use crate::error::Result;
use crate::wasmtime::Wasmtime;

/// A configured Wasmtime of one major. Cloning it is cheap and gives the same engine.
pub struct Engine<W: Wasmtime> {
    // In one place, so that a store, which holds its engine, counts one reference and not one for each part.
    shared: Arc<Shared<W>>,
}

struct Shared<W: Wasmtime> {
    raw: W::Engine,
    is_async: bool,
    has_epochs: bool,
    /// How often timeouts have advanced the epoch.
    wakeups: AtomicU64,
    /// Settled when first asked for; every precompiled guest that is loaded asks.
    fingerprint: OnceLock<u64>,
}

impl<W: Wasmtime> Engine<W> {
    /// An engine with this configuration.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a knob the major lacks, [`ErrorKind::Config`](crate::ErrorKind::Config) for settings that contradict each
    /// other.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(Self::from_raw(W::new_engine(config)?, config))
    }

    /// Advances the epoch by one tick: every guest checks its epoch deadline.
    pub fn increment_epoch(&self) {
        W::increment_epoch(&self.shared.raw);
    }

    /// A digest of everything that decides whether compiled code fits this engine: exact Wasmtime version, target,
    /// compiler and settings. Equal fingerprints mean that compiled code can be exchanged.
    pub fn fingerprint(&self) -> u64 {
        *self.shared.fingerprint.get_or_init(|| W::fingerprint(&self.shared.raw))
    }

    /// Whether the `_async` functions are to be used with it.
    pub fn is_async(&self) -> bool {
        self.shared.is_async
    }

    pub(crate) fn has_epochs(&self) -> bool {
        self.shared.has_epochs
    }

    /// How often timeouts have advanced the epoch.
    pub(crate) fn wakeups(&self) -> u64 {
        self.shared.wakeups.load(Ordering::Acquire)
    }

    /// Advances the epoch because somebody's time is up.
    pub(crate) fn wake(&self) {
        self.shared.wakeups.fetch_add(1, Ordering::AcqRel);
        self.increment_epoch();
    }

    /// Wraps an engine made with the major itself. `config` must say how it was made as to `async_support` and
    /// `epoch_interruption`, which not every major can tell; nothing else of it is used.
    pub fn from_raw(raw: W::Engine, config: &Config) -> Self {
        let Config { async_support: is_async, epoch_interruption: has_epochs, .. } = *config;
        let (wakeups, fingerprint) = Default::default();
        Self { shared: Arc::new(Shared { raw, is_async, has_epochs, wakeups, fingerprint }) }
    }

    /// The major's own engine.
    pub fn as_raw(&self) -> &W::Engine {
        &self.shared.raw
    }

    /// The major's own engine, and nothing else.
    pub fn into_raw(self) -> W::Engine {
        self.shared.raw.clone()
    }
}

impl<W: Wasmtime> Clone for Engine<W> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<W: Wasmtime> fmt::Debug for Engine<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("major", &W::MAJOR).field("is_async", &self.is_async()).finish_non_exhaustive()
    }
}
