//! Owns `Engine`: compiled-code settings shared by modules and stores.

mod cache;
mod cached;
mod compiling;
mod config;
mod counts;
mod image;
mod incremental;
mod knobs;
pub(crate) mod mapped;
mod mismatch;
mod parts;
mod pooling;
pub(crate) mod precompiled;
mod registry;
mod setting;
mod weak;

use std::borrow::Cow;
use std::fmt;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use semver::Version;

pub use self::cache::{Cache, CacheConfig};
pub use self::compiling::{Inlining, ProfilingStrategy, RegallocAlgorithm, Strategy};
pub use self::config::{Config, OptLevel};
pub(crate) use self::counts::Counts;
pub(crate) use self::image::Image;
pub use self::incremental::CacheStore;
#[allow(unused_imports, reason = "only majors with Cranelift take them")]
pub(crate) use self::incremental::{seal, unseal};
pub(crate) use self::knobs::Knobs;
pub use self::mismatch::Mismatch;
#[allow(unused_imports, reason = "only majors without a compiler take it")]
pub(crate) use self::parts::Part;
pub(crate) use self::parts::Parts;
#[allow(unused_imports, reason = "only majors ask for it")]
pub(crate) use self::pooling::limit;
pub use self::pooling::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};
pub use self::precompiled::{Precompiled, Trusted};
#[cfg_attr(any(not(feature = "_core"), test), allow(unused_imports, reason = "only majors take it"))]
pub(crate) use self::registry::Registry;
pub use self::weak::EngineWeak;
use crate::error::{Error, ErrorKind, Result, Unsupported};
use crate::report::{self, AdapterReport};
use crate::sealed::Sealed;

/// A configured Wasmtime of one major. Cloning it is cheap and gives the same engine.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Module, Newest, Store};
///
/// // One engine serves a whole process: a guest is compiled once, and runs in any number of stores.
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let module = Module::new(&engine, b"\0asm\x01\0\0\0")?;
/// let stores = ["one", "two"].map(|name| Store::new(&engine, name));
/// assert!(stores.iter().all(|store| Engine::same(store.engine(), module.engine())));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Engine<W: Engines> {
    // In one place, so that a store, which holds its engine, counts one reference and not one for each part.
    shared: Arc<Shared<W>>,
}

struct Shared<W: Engines> {
    raw: W::Engine,
    is_async: bool,
    has_epochs: bool,
    has_fuel: bool,
    raw_wasi: bool,
    has_async_components: bool,
    allow_complex_guests: bool,
    shared_memory: bool,
    /// Whether Wasmtime reads the debug information of guests.
    reads_dwarf: bool,
    /// What a backtrace has at most.
    max_frames: usize,
    /// Apart, because stores hold it without the type of their major.
    counts: Arc<Counts>,
    cache: Option<Cache>,
    /// Computed at the first use; loading a precompiled guest uses it.
    fingerprint: OnceLock<Option<u64>>,
}

impl<W: Engines> Engine<W> {
    /// An engine with this configuration.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a knob that the major, or the part of it that is compiled
    /// in, lacks; [`ErrorKind::Config`](crate::ErrorKind::Config) for settings that contradict each
    /// other, or that ask for more than any address space has.
    pub fn new(config: &Config) -> Result<Self> {
        config.check(W::NUMBER, W::PARTS)?;
        Ok(Self::from_raw(W::new_engine(config)?, config))
    }

    /// Advances the epoch by one tick: every guest checks its epoch deadline.
    pub fn increment_epoch(&self) {
        // First, so that a store woken by it finds it counted.
        self.shared.counts.tick();
        W::increment_epoch(&self.shared.raw);
    }

    /// Prepares the thread for calls into guests, which its first call does otherwise: for threads whose first call must not
    /// take longer than the others.
    pub fn tls_eager_initialize() {
        W::tls_eager_initialize();
    }

    /// A digest of everything that decides whether compiled code fits this engine: exact Wasmtime version, target,
    /// compiler and settings. Equal fingerprints mean that compiled code can be exchanged. `None` if the major is compiled in
    /// without a compiler.
    pub fn fingerprint(&self) -> Option<u64> {
        *self.shared.fingerprint.get_or_init(|| W::fingerprint(&self.shared.raw))
    }

    /// A value whose hash decides whether compiled code fits this engine, for caches of compiled code: equal hashes mean
    /// that compiled code can be exchanged. It is made from the number and the version of the major and from
    /// [`Engine::fingerprint`]; if the major is compiled in without a compiler, the settings are not part of it.
    pub fn precompile_compatibility_hash(&self) -> impl Hash + use<W> {
        (W::NUMBER, W::version(), self.fingerprint())
    }

    /// Whether both are the same engine: one is a clone of the other, or both wrap the same engine of the major.
    pub fn same(a: &Self, b: &Self) -> bool {
        Arc::ptr_eq(&a.shared, &b.shared) || W::same_engine(&a.shared.raw, &b.shared.raw)
    }

    /// Whether the `_async` functions are to be used with it.
    pub fn is_async(&self) -> bool {
        self.shared.is_async
    }

    /// Refuses modules that would take too much to compile, or make memories that the engine does not have, before
    /// Wasmtime sees them. Returns what is to be compiled.
    ///
    /// # Errors
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex); [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported);
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) if the guest cannot be read.
    pub(crate) fn check_module<'a>(&self, wasm: &'a [u8]) -> Result<Cow<'a, [u8]>> {
        if !self.shared.allow_complex_guests {
            report::check_complexity(wasm).map_err(too_complex)?;
        }
        self.check_memories(wasm)?;
        Ok(self.bounded_dwarf(wasm))
    }

    /// The guest without debug information that would take too much to read.
    fn bounded_dwarf<'a>(&self, wasm: &'a [u8]) -> Cow<'a, [u8]> {
        if self.shared.reads_dwarf && !self.shared.allow_complex_guests {
            report::with_bounded_dwarf(wasm)
        } else {
            Cow::Borrowed(wasm)
        }
    }

    fn check_memories(&self, wasm: &[u8]) -> Result<()> {
        if !self.shared.shared_memory && report::makes_shared_memory(wasm) {
            return Err(no_shared_memory(W::NUMBER));
        }
        Ok(())
    }

    /// Refuses to make a memory that threads share on an engine without them.
    #[cfg_attr(any(not(feature = "_core"), test), allow(dead_code, reason = "only majors have memories"))]
    pub(crate) fn expect_shared_memory(&self) -> Result<()> {
        if self.shared.shared_memory { Ok(()) } else { Err(no_shared_memory(W::NUMBER)) }
    }

    /// As [`Engine::check_module`], for a component; returns also the adapters in the component, which the same pass
    /// finds. A component whose adapters cannot be read has no known adapters.
    ///
    /// # Errors
    /// As [`Engine::check_module`].
    pub(crate) fn check_component<'a>(&self, wasm: &'a [u8]) -> Result<(Cow<'a, [u8]>, Vec<AdapterReport>)> {
        self.check_memories(wasm)?;
        let adapters = if self.shared.allow_complex_guests {
            report::adapters_in(wasm).unwrap_or_default()
        } else {
            report::check_and_find_adapters(wasm).map_err(too_complex)?
        };
        Ok((self.bounded_dwarf(wasm), adapters))
    }

    pub(crate) fn has_epochs(&self) -> bool {
        self.shared.has_epochs
    }

    pub(crate) fn has_fuel(&self) -> bool {
        self.shared.has_fuel
    }

    pub(crate) fn raw_wasi(&self) -> bool {
        self.shared.raw_wasi
    }

    /// Refuses WASI 0.3 on an engine that does not take its components.
    pub(crate) fn expect_wasi_p3(&self) -> Result<()> {
        W::PARTS.expect(Part::P3, W::NUMBER, "WASI 0.3")?;
        if self.shared.has_async_components {
            return Ok(());
        }
        let error = Error::new(ErrorKind::Config, "WASI 0.3 needs an engine that takes asynchronous components");
        Err(error.with_hint(
            "its calls have Wasmtime's bounds only: `Config::wasm_component_model_async`, `RunConfig::wasi_p3` or the flag \
             `--wasi-p3` of the command line turns it on",
        ))
    }

    #[cfg_attr(any(not(feature = "_core"), test), allow(dead_code, reason = "only majors have backtraces"))]
    pub(crate) fn max_frames(&self) -> usize {
        self.shared.max_frames
    }

    pub(crate) fn counts(&self) -> &Arc<Counts> {
        &self.shared.counts
    }

    /// Advances the epoch because a timeout has passed.
    pub(crate) fn wake(&self) {
        self.shared.counts.wake();
        W::increment_epoch(&self.shared.raw);
    }

    /// Wraps an engine made with the major itself. `config` must have the values of `async_support`,
    /// `epoch_interruption`, `consume_fuel` and `wasm_component_model_async` (in Wasmtime also `concurrency_support`) with which
    /// the engine was made, because not every major can report them;
    /// of the rest only `allow_complex_guests`, `backtrace_details`, `cache`, `debug_info`, `raw_wasi`, `shared_memory` and
    /// `wasm_backtrace_max_frames` are used.
    ///
    /// Timeouts advance the epoch of the major's own engine. An epoch deadline of a [`Store`](crate::Store) leaves out
    /// what timeouts of stores of this engine and its clones added, and nothing else.
    pub fn from_raw(raw: W::Engine, config: &Config) -> Self {
        let shared = Shared {
            raw,
            is_async: config.async_support,
            has_epochs: config.epoch_interruption,
            has_fuel: config.consume_fuel,
            raw_wasi: config.raw_wasi,
            has_async_components: config.wasm_component_model_async,
            allow_complex_guests: config.allow_complex_guests,
            shared_memory: config.shared_memory,
            reads_dwarf: config.backtrace_details || config.debug_info,
            max_frames: config.max_frames(),
            counts: Arc::default(),
            cache: config.cache.clone(),
            fingerprint: OnceLock::default(),
        };
        let shared = Arc::new(shared);
        W::registry().add(&shared);
        Self { shared }
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

fn no_shared_memory(major: u64) -> Error {
    Error::from_unsupported(Unsupported::new("memories that threads share".to_owned(), major))
        .with_hint("Config::shared_memory(true) switches them on")
}

fn too_complex(error: wasmtime_compat_guest::Error) -> Error {
    let error = Error::from(error);
    match error.kind() {
        ErrorKind::TooComplex => error.with_hint(
            "Config::allow_complex_guests (on the command line --allow-complex-guests) lifts this limit for guests \
             that are trusted",
        ),
        _ => error,
    }
}

impl<W: Engines> Clone for Engine<W> {
    #[inline]
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<W: Engines> fmt::Debug for Engine<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("major", &W::NUMBER).field("is_async", &self.is_async()).finish_non_exhaustive()
    }
}

/// Engines of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Engines: Sealed + Sized + Copy + Debug + Send + Sync + 'static {
    /// The number of the major; [`CoreWasmtime::MAJOR`](crate::CoreWasmtime::MAJOR) is the same.
    const NUMBER: u64;

    /// `wasmtime::Engine`.
    type Engine: Clone + Send + Sync + 'static;

    /// The parts of the major that are compiled in.
    #[doc(hidden)]
    const PARTS: Parts;

    #[doc(hidden)]
    fn version() -> Version;
    #[doc(hidden)]
    fn new_engine(config: &Config) -> Result<Self::Engine>;
    /// The engines of this major that were wrapped.
    #[doc(hidden)]
    fn registry() -> &'static Registry<Self>;
    #[doc(hidden)]
    fn same_engine(a: &Self::Engine, b: &Self::Engine) -> bool;
    #[doc(hidden)]
    fn increment_epoch(engine: &Self::Engine);
    #[doc(hidden)]
    fn tls_eager_initialize();
    #[doc(hidden)]
    fn fingerprint(engine: &Self::Engine) -> Option<u64>;
    #[doc(hidden)]
    fn protection_keys_available() -> bool;
}
