//! Owns `Cache`: compiled guests that are kept in a directory, and taken from there instead of being compiled again.

mod files;
mod places;
mod privacy;
#[cfg(feature = "cache-config")]
mod settings;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use self::files::Files;
pub(super) use self::files::name;
use crate::error::{Error, ErrorKind, Result};

/// A directory of compiled guests. With [`Config::cache`](crate::Config::cache), what compiles a guest takes the compiled code from there, or puts it
/// there: [`Module::new`](crate::Module::new), [`Component::new`](crate::component::Component::new),
/// [`Command::new`](crate::Command::new) and those that read a file.
///
/// It is one implementation for all majors, and several engines, majors and processes can use one directory at once. An entry is
/// used for the same bytes of a guest only, on an engine with the same [fingerprint](crate::Engine::fingerprint), and if its checksum
/// holds; otherwise the guest is compiled again. Entries appear as a whole. When there is too much, those that were not used for
/// the longest time are removed. A directory that cannot be written or read makes nothing fail: see [`Cache::cache_failures`].
///
/// # Security
/// The files hold machine code, which cannot be checked. A user who can write to the directory can run code in the processes that
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
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
///
/// use wasmtime_compat::{Cache, CacheConfig};
///
/// let directory = std::env::temp_dir().join(format!("small-cache-{}", std::process::id()));
/// let mut config = CacheConfig::new();
/// config.with_directory(&directory).with_file_count_soft_limit(1_000).with_cleanup_interval(Duration::from_secs(60));
/// let cache = Cache::new(config)?;
/// assert!(cache.directory().is_dir());
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// ```
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
    /// The part of either that stays when files are removed.
    files_percent: u8,
    bytes_percent: u8,
    cleanup_interval: Duration,
}

impl CacheConfig {
    /// The default directory of the user; 65,536 files, 512 MiB, a search of the directory every hour.
    ///
    /// The default directory is `wasmtime-compat` in `$XDG_CACHE_HOME` or `~/.cache`, on macOS in `~/Library/Caches`, and
    /// `wasmtime-compat\cache` in `%LOCALAPPDATA%` on Windows. It is not the one of Wasmtime's own cache, which removes files that it
    /// does not know.
    pub fn new() -> Self {
        Self::default()
    }

    /// The directory. It is made if it is missing. Files in it that are not from a cache are left alone.
    pub fn with_directory(&mut self, directory: impl Into<PathBuf>) -> &mut Self {
        self.directory = Some(directory.into());
        self
    }

    /// The number of files from which on files are removed, until the part of them that
    /// [`CacheConfig::with_file_count_limit_percent_if_deleting`] sets is left.
    pub fn with_file_count_soft_limit(&mut self, files: u64) -> &mut Self {
        self.limits.files = files;
        self
    }

    /// The size of all files, in bytes, from which on files are removed, until they have the part of it that
    /// [`CacheConfig::with_files_total_size_limit_percent_if_deleting`] sets.
    pub fn with_files_total_size_soft_limit(&mut self, bytes: u64) -> &mut Self {
        self.limits.bytes = bytes;
        self
    }

    /// The part of the number of files that is left when files are removed: 70 percent by default. More than 100 is 100.
    pub fn with_file_count_limit_percent_if_deleting(&mut self, percent: u8) -> &mut Self {
        self.limits.files_percent = percent.min(100);
        self
    }

    /// The part of the size of all files that is left when files are removed: 70 percent by default. More than 100 is 100.
    pub fn with_files_total_size_limit_percent_if_deleting(&mut self, percent: u8) -> &mut Self {
        self.limits.bytes_percent = percent.min(100);
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
        let limits = Limits {
            files: 1 << 16,
            bytes: 512 << 20,
            files_percent: 70,
            bytes_percent: 70,
            cleanup_interval: Duration::from_secs(3600),
        };
        Self { directory: None, limits }
    }
}

impl Cache {
    /// A cache in the directory of `config`, or in the default directory of the user, which is made if it is missing.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the environment names no directory for the caches of this user, and, on Unix, for a directory that belongs to another user or that others may
    /// write to, by its own mode or by that of a directory above; [`ErrorKind::Io`] if it cannot be made.
    pub fn new(config: CacheConfig) -> Result<Self> {
        let CacheConfig { directory, limits } = config;
        let directory = directory.or_else(places::cache).ok_or_else(|| {
            Error::new(ErrorKind::Config, "this user has no directory for caches")
                .with_hint("name one with CacheConfig::with_directory")
        })?;
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

    /// The files.
    pub(super) fn files(&self) -> &Files {
        &self.shared.files
    }

    /// Counts a guest that was taken from the directory, or that the directory did not have.
    pub(super) fn count_use(&self, is_hit: bool) {
        let counter = if is_hit { &self.shared.hits } else { &self.shared.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// What was done, or `None` and one more failure.
    pub(super) fn count<T>(&self, done: std::io::Result<T>) -> Option<T> {
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
