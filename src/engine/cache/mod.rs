//! Owns `Cache`: compiled guests that are kept in a directory, and taken from there instead of being compiled again.

mod files;
mod privacy;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use self::files::Files;
use super::{Config, Engine, Engines, Precompiled, Trusted};
use crate::error::{Error, ErrorKind, Result};

/// A directory of compiled guests. With [`Config::cache`], what compiles a guest takes the compiled code from there, or puts it
/// there: [`Module::new`](crate::Module::new), [`Component::new`](crate::component::Component::new),
/// [`Command::new`](crate::Command::new) and those that read a file.
///
/// It is one implementation for all majors, and several engines, majors and processes can use one directory at once. An entry is
/// used for the same bytes of a guest only, on an engine with the same [fingerprint](Engine::fingerprint), and if its checksum
/// holds; otherwise the guest is compiled again. Entries appear as a whole. When there is too much, those that were not used for
/// the longest time are removed. A directory that cannot be written or read makes nothing fail: see [`Cache::cache_failures`].
///
/// # Security
/// The files hold machine code, which nobody can check. Whoever can write to the directory can run code in the processes that
/// use the directory: it must be writable by their user only. On Unix [`Cache::new`] checks that, and makes the directory so;
/// elsewhere the caller has to see to it. As with Wasmtime's own cache, this is why the function is not `unsafe`.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use wasmtime_compat::{Cache, CacheConfig, Config, Engine, Module, Newest};
///
/// let directory = std::env::temp_dir().join(format!("cache-of-{}", std::process::id()));
/// let mut config = CacheConfig::new();
/// config.with_directory(&directory).with_files_total_size_soft_limit(1 << 30);
/// let cache = Cache::new(config)?;
///
/// let engine = Engine::<Newest>::new(&Config::new().cache(Some(cache.clone())))?;
/// let wasm = b"\0asm\x01\0\0\0";
/// Module::new(&engine, wasm)?;
/// Module::new(&engine, wasm)?;
/// assert_eq!((cache.cache_misses(), cache.cache_hits()), (1, 1));
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Cache {
    shared: Arc<Shared>,
}

struct Shared {
    files: Files,
    hits: AtomicUsize,
    misses: AtomicUsize,
    failures: AtomicUsize,
}

/// Where a [`Cache`] is, and how large it may become.
#[derive(Clone, Debug)]
pub struct CacheConfig {
    directory: Option<PathBuf>,
    limits: Limits,
}

/// How large the directory of a cache may become.
#[derive(Clone, Copy, Debug)]
struct Limits {
    files: u64,
    bytes: u64,
    cleanup_interval: Duration,
}

impl CacheConfig {
    /// No directory; 65,536 files, 512 MiB, a look at the directory every hour.
    pub fn new() -> Self {
        Self::default()
    }

    /// The directory. It is made if it is missing. Files in it that are not from a cache are left alone.
    pub fn with_directory(&mut self, directory: impl Into<PathBuf>) -> &mut Self {
        self.directory = Some(directory.into());
        self
    }

    /// The number of files from which on files are removed, until seven tenths of them are left.
    pub fn with_file_count_soft_limit(&mut self, files: u64) -> &mut Self {
        self.limits.files = files;
        self
    }

    /// The size of all files, in bytes, from which on files are removed, until they have seven tenths of it.
    pub fn with_files_total_size_soft_limit(&mut self, bytes: u64) -> &mut Self {
        self.limits.bytes = bytes;
        self
    }

    /// How often the directory is searched for files that are too many, when an entry is added. It is searched sooner if this
    /// process has added too many itself.
    pub fn with_cleanup_interval(&mut self, interval: Duration) -> &mut Self {
        self.limits.cleanup_interval = interval;
        self
    }
}

impl Default for CacheConfig {
    fn default() -> Self {
        let limits = Limits { files: 1 << 16, bytes: 512 << 20, cleanup_interval: Duration::from_secs(3600) };
        Self { directory: None, limits }
    }
}

impl Cache {
    /// A cache in the directory of `config`, which is made if it is missing.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a directory, and, on Unix, for a directory that belongs to another user or that others may
    /// write to, by its own mode or by that of a directory above; [`ErrorKind::Io`] if it cannot be made.
    pub fn new(config: CacheConfig) -> Result<Self> {
        let CacheConfig { directory, limits } = config;
        let directory = directory
            .ok_or_else(|| Error::new(ErrorKind::Config, "the configuration of the cache has no directory"))?;
        let files = Files::new(privacy::prepare(&directory)?, limits);
        let (hits, misses, failures) = Default::default();
        Ok(Self { shared: Arc::new(Shared { files, hits, misses, failures }) })
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        self.shared.files.directory()
    }

    /// How often a compiled guest was taken from the directory, by this cache and its clones.
    pub fn cache_hits(&self) -> usize {
        self.shared.hits.load(Ordering::Relaxed)
    }

    /// How often a guest was compiled because the directory did not have it.
    pub fn cache_misses(&self) -> usize {
        self.shared.misses.load(Ordering::Relaxed)
    }

    /// How often a file could not be read, written or removed. The guest was compiled, or the file stayed.
    pub fn cache_failures(&self) -> usize {
        self.shared.failures.load(Ordering::Relaxed)
    }

    /// What was done, or `None` and one more failure.
    fn count<T>(&self, done: std::io::Result<T>) -> Option<T> {
        if done.is_err() {
            self.shared.failures.fetch_add(1, Ordering::Relaxed);
        }
        done.ok()
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("directory", &self.directory()).finish_non_exhaustive()
    }
}

impl Config {
    /// Takes compiled guests from a cache, and puts them there. `None`, the default, compiles each.
    #[must_use]
    pub fn cache(mut self, cache: Option<Cache>) -> Self {
        self.cache = cache;
        self
    }
}

impl<W: Engines> Engine<W> {
    /// The guest from the cache of this engine, or compiled and put there. `None` if there is no cache, or if what was compiled
    /// cannot be loaded here: whoever compiles it directly gets to know why.
    pub(crate) fn cached<T>(
        &self,
        wasm: &[u8],
        precompile: impl FnOnce() -> Result<Vec<u8>>,
        load: impl Fn(&Trusted<'_>) -> Result<T>,
    ) -> Option<Result<T>> {
        let cache = self.shared.cache.as_ref()?;
        let name = files::name(self.fingerprint()?, self.shared.allow_complex_guests, wasm);
        if let Some(entry) = cache.count(cache.shared.files.read(&name, wasm)).flatten()
            && let Some(loaded) = trusted(entry.code()).and_then(|trusted| load(&trusted)).ok()
        {
            cache.shared.hits.fetch_add(1, Ordering::Relaxed);
            return Some(Ok(loaded));
        }
        cache.shared.misses.fetch_add(1, Ordering::Relaxed);
        let code = match precompile() {
            Ok(code) => code,
            Err(error) => return Some(Err(error)),
        };
        cache.count(cache.shared.files.write(&name, wasm, &code));
        trusted(&code).and_then(|trusted| load(&trusted)).ok().map(Ok)
    }
}

#[expect(unsafe_code, reason = "the directory can be written by the user of this process only")]
fn trusted(code: &[u8]) -> Result<Trusted<'_>> {
    // SAFETY: the bytes were compiled just now, or are from a file that only the user of this process can have written.
    Ok(unsafe { Precompiled::parse(code)?.trust() })
}
