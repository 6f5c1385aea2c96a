//! Owns `EngineWeak`: an engine that is not kept.

use std::fmt;
use std::sync::{Arc, Weak};

use super::{Engine, Engines, Shared};

/// A reference to an [`Engine`] that does not keep the engine, for example in a thread that advances its epoch.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Newest};
///
/// let engine = Engine::<Newest>::new(&Config::new().epoch_interruption(true))?;
/// let weak = engine.weak();
/// let ticker = std::thread::spawn(move || {
///     while let Some(engine) = weak.upgrade() {
///         engine.increment_epoch();
///         drop(engine);
///         std::thread::sleep(std::time::Duration::from_millis(1));
///     }
/// });
/// drop(engine);
/// ticker.join().unwrap();
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct EngineWeak<W: Engines> {
    shared: Weak<Shared<W>>,
}

impl<W: Engines> Engine<W> {
    /// A reference to the engine that does not keep the engine.
    pub fn weak(&self) -> EngineWeak<W> {
        EngineWeak { shared: Arc::downgrade(&self.shared) }
    }
}

impl<W: Engines> EngineWeak<W> {
    /// The engine, while there is a clone of the engine, a linker, a module or a store. Components alone do not keep the engine.
    pub fn upgrade(&self) -> Option<Engine<W>> {
        self.shared.upgrade().map(|shared| Engine { shared })
    }
}

impl<W: Engines> Clone for EngineWeak<W> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<W: Engines> fmt::Debug for EngineWeak<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineWeak").field("major", &W::NUMBER).finish_non_exhaustive()
    }
}
