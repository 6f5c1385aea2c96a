//! Owns finding the `Engine` that wraps an engine of the major, for objects that only know the latter.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::{Config, Engine, Engines, Shared};

/// The engines of one major that this crate has wrapped, oldest first.
#[doc(hidden)]
pub struct Registry<W: Engines>(Mutex<Entries<W>>);

struct Entries<W: Engines> {
    engines: Vec<Weak<Shared<W>>>,
    /// The length at which entries of dropped engines are removed.
    most: usize,
}

/// The length at which entries of dropped engines are first removed.
const LEAST: usize = 8;

impl<W: Engines> Registry<W> {
    #[allow(dead_code, reason = "only majors have one")]
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Entries { engines: Vec::new(), most: LEAST }))
    }

    pub(super) fn add(&self, shared: &Arc<Shared<W>>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.engines.len() >= entries.most {
            entries.engines.retain(|engine| engine.strong_count() > 0);
            entries.most = LEAST.max(2 * entries.engines.len());
        }
        entries.engines.push(Arc::downgrade(shared));
    }

    /// The newest engine that wraps this one of the major.
    fn find(&self, raw: &W::Engine) -> Option<Engine<W>> {
        // Dropped after the lock: an engine that is dropped meanwhile may run code of its user.
        let mut others = Vec::new();
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = entries.engines.iter().rev().filter_map(Weak::upgrade).find_map(|shared| {
            if W::same_engine(&shared.raw, raw) {
                return Some(Engine { shared });
            }
            others.push(shared);
            None
        });
        drop(entries);
        drop(others);
        found
    }
}

impl<W: Engines> Engine<W> {
    /// The engine that wraps this one of the major; if there is none, a new one, for which `is_async` says how `raw` was made.
    pub(crate) fn of_raw(raw: &W::Engine, is_async: bool) -> Self {
        W::registry().find(raw).unwrap_or_else(|| Self::from_raw(raw.clone(), &Config::new().async_support(is_async)))
    }
}
