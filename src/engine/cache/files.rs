//! Owns the files of a cache: their names, their form, writing them at once, and removing those that are too many.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::Limits;

/// The beginning of a file. After it come the length of the guest in 64 bits, the guest, and what `Engine::precompile` returned.
const MAGIC: &[u8; 8] = b"\0wtc-ca1";

/// How the names of entries end.
const ENTRY: &str = ".wtc-cache";

/// How the names of files end that are being written.
const UNFINISHED: &str = ".wtc-tmp";

/// A file that is still unfinished after this time is from a process that ended.
const ABANDONED: Duration = Duration::from_secs(3600);

/// How old the time of an entry's last use may be.
const STALE: Duration = Duration::from_secs(60);

/// The files of a cache.
pub(in super::super) struct Files {
    directory: PathBuf,
    limits: Limits,
    contents: Mutex<Contents>,
}

/// What is in the directory, as far as this process knows.
#[derive(Default)]
struct Contents {
    files: u64,
    bytes: u64,
    /// When the directory was searched.
    seen: Option<Instant>,
}

/// A file of the cache that was read.
pub(in super::super) struct Entry {
    bytes: Vec<u8>,
    code: usize,
}

impl Entry {
    /// What `Engine::precompile` returned.
    pub(in super::super) fn code(&self) -> &[u8] {
        &self.bytes[self.code..]
    }
}

/// The name of the entry for a guest. Two guests with one name push each other out, nothing else: an entry holds its guest.
/// Guests that other checks have let pass have other names.
pub(in super::super) fn name(fingerprint: u64, checks: (bool, bool), wasm: &[u8]) -> String {
    let (words, rest) = wasm.as_chunks::<8>();
    let start = (wasm.len() as u64) << 2 | u64::from(checks.0) << 1 | u64::from(checks.1);
    let step = |digest: u64, word: u64| (digest.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let digest = words.iter().fold(start, |digest, word| step(digest, u64::from_le_bytes(*word)));
    let digest = rest.iter().fold(digest, |digest, byte| step(digest, u64::from(*byte)));
    format!("{fingerprint:016x}-{digest:016x}{ENTRY}")
}

impl Files {
    pub(super) fn new(directory: PathBuf, limits: Limits) -> Self {
        Self { directory, limits, contents: Mutex::default() }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The entry of this name, if there is one and it is of this guest.
    pub(in super::super) fn read(&self, name: &str, wasm: &[u8]) -> io::Result<Option<Entry>> {
        let mut file = match File::open(self.directory.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let metadata = file.metadata()?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        file.read_to_end(&mut bytes)?;
        let Some(rest) = bytes.strip_prefix(MAGIC) else { return Ok(None) };
        let length = (wasm.len() as u64).to_le_bytes();
        let Some(code) = rest.strip_prefix(&length).and_then(|rest| rest.strip_prefix(wasm)) else { return Ok(None) };
        if metadata.modified()?.elapsed().is_ok_and(|age| age > STALE) {
            // Not every system permits it for a file that is open for reading; then the entry is older than it should be.
            let _ = file.set_modified(SystemTime::now());
        }
        let code = bytes.len() - code.len();
        Ok(Some(Entry { bytes, code }))
    }

    /// Adds an entry: it appears as a whole or not at all.
    pub(in super::super) fn write(&self, name: &str, wasm: &[u8], code: &[u8]) -> io::Result<()> {
        let length = (wasm.len() as u64).to_le_bytes();
        let parts = [MAGIC, &length[..], wasm, code];
        let bytes = parts.iter().map(|part| part.len() as u64).sum();
        if bytes > self.limits.bytes {
            return Ok(());
        }
        static WRITTEN: AtomicU64 = AtomicU64::new(0);
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let unfinished = self.directory.join(format!("{}-{number}-{now}{UNFINISHED}", std::process::id()));
        let entry = self.directory.join(name);
        let write = || {
            let mut file = create(&unfinished)?;
            parts.iter().try_for_each(|part| file.write_all(part))?;
            drop(file);
            fs::rename(&unfinished, &entry)
        };
        if let Err(error) = write() {
            let _ = fs::remove_file(&unfinished);
            // Windows may refuse to replace a file that is open: then others have made the same entry meanwhile, and read it.
            return if cfg!(windows) && entry.is_file() { Ok(()) } else { Err(error) };
        }
        self.added(bytes)
    }

    /// Searches the directory if it may have too much.
    fn added(&self, bytes: u64) -> io::Result<()> {
        let Limits { files: most_files, bytes: most_bytes, cleanup_interval, .. } = self.limits;
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        contents.files += 1;
        contents.bytes += bytes;
        let is_due = contents.seen.is_none_or(|seen| seen.elapsed() >= cleanup_interval);
        if is_due || contents.files > most_files || contents.bytes > most_bytes {
            *contents = self.clean_up()?;
        }
        Ok(())
    }

    /// Removes what a process left unfinished, and the entries that were not used for the longest time if they are too many.
    fn clean_up(&self) -> io::Result<Contents> {
        let seen = Some(Instant::now());
        let (mut entries, mut failed) = (Vec::new(), Ok(()));
        for file in fs::read_dir(&self.directory)? {
            let file = file?;
            let name = file.file_name();
            let name = name.to_string_lossy();
            let is_unfinished = name.ends_with(UNFINISHED);
            if !is_unfinished && !name.ends_with(ENTRY) {
                continue;
            }
            // Another process may have removed it.
            let Ok(metadata) = file.metadata() else { continue };
            let used = metadata.modified()?;
            if !is_unfinished {
                entries.push((used, metadata.len(), file.path()));
            } else if used.elapsed().is_ok_and(|age| age > ABANDONED) {
                failed = failed.and(remove(&file.path()));
            }
        }
        let (mut files, mut bytes) = (entries.len() as u64, entries.iter().map(|(_, bytes, _)| bytes).sum::<u64>());
        if files > self.limits.files || bytes > self.limits.bytes {
            entries.sort_unstable();
            let Limits { files: most_files, bytes: most_bytes, files_percent, bytes_percent, .. } = self.limits;
            let part =
                |limit: u64, percent: u8| limit / 100 * u64::from(percent) + limit % 100 * u64::from(percent) / 100;
            let (few, little) = (part(most_files, files_percent).max(1), part(most_bytes, bytes_percent));
            for (_, size, path) in entries {
                if files <= few && bytes <= little {
                    break;
                }
                (files, bytes) = (files - 1, bytes - size);
                failed = failed.and(remove(&path));
            }
        }
        failed.map(|()| Contents { files, bytes, seen })
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
