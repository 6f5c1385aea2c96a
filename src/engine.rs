//! Owns `Engine`: compiled-code settings shared by modules and stores.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::config::Config;
use crate::error::Result;
use crate::wasmtime::Wasmtime;

/// A configured Wasmtime of one major. Cloning it is cheap and gives the same engine.
pub struct Engine<W: Wasmtime> {
    raw: W::Engine,
    is_async: bool,
    has_epochs: bool,
    wakeups: Arc<AtomicU64>,
}

impl<W: Wasmtime> Engine<W> {
    /// An engine with this configuration.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a knob the major lacks, [`ErrorKind::Config`](crate::ErrorKind::Config) for settings that contradict each
    /// other.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(Self {
            raw: W::new_engine(config)?,
            is_async: config.async_support,
            has_epochs: config.epoch_interruption,
            wakeups: Arc::default(),
        })
    }

    /// Advances the epoch by one tick: every guest checks its epoch deadline.
    pub fn increment_epoch(&self) {
        W::increment_epoch(&self.raw);
    }

    /// A digest of everything that decides whether compiled code fits this engine: exact Wasmtime version, target,
    /// compiler and settings. Equal fingerprints mean that compiled code can be exchanged.
    pub fn fingerprint(&self) -> u64 {
        W::fingerprint(&self.raw)
    }

    /// Whether the `_async` functions are to be used with it.
    pub fn is_async(&self) -> bool {
        self.is_async
    }

    pub(crate) fn has_epochs(&self) -> bool {
        self.has_epochs
    }

    /// How often timeouts have advanced the epoch.
    pub(crate) fn wakeups(&self) -> Arc<AtomicU64> {
        self.wakeups.clone()
    }

    /// Wraps an engine made with the major itself. `config` must say how it was made as to `async_support` and
    /// `epoch_interruption`, which not every major can tell; nothing else of it is used.
    pub fn from_raw(raw: W::Engine, config: &Config) -> Self {
        Self { raw, is_async: config.async_support, has_epochs: config.epoch_interruption, wakeups: Arc::default() }
    }

    /// The major's own engine.
    pub fn as_raw(&self) -> &W::Engine {
        &self.raw
    }

    /// The major's own engine, and nothing else.
    pub fn into_raw(self) -> W::Engine {
        self.raw
    }
}

impl<W: Wasmtime> Clone for Engine<W> {
    fn clone(&self) -> Self {
        let Self { raw, is_async, has_epochs, wakeups } = self;
        Self { raw: raw.clone(), is_async: *is_async, has_epochs: *has_epochs, wakeups: wakeups.clone() }
    }
}

impl<W: Wasmtime> fmt::Debug for Engine<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("major", &W::MAJOR).field("is_async", &self.is_async).finish_non_exhaustive()
    }
}
