//! Owns the guest's world: directories that are created for each run, and the comparison of their final state.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wasmtime_compat::RunConfig;
use wasmtime_compat::wasi::{Preopen, Stdin, Stdout};

use crate::rng::{Rng, fnv};

/// How much a guest may write to each stream before the rest is only counted.
const CAPTURED: usize = 64 << 20;

/// How much of a file is compared.
const COMPARED: u64 = 1 << 20;

/// Makes the directories `rw` and `ro` below `root`.
pub(crate) fn create(root: &Path) -> io::Result<()> {
    let (rw, ro) = (root.join("rw"), root.join("ro"));
    fs::create_dir_all(rw.join("d/sub"))?;
    fs::create_dir_all(ro.join("rd"))?;
    fs::write(root.join("secret"), "nothing for guests")?;
    fs::write(rw.join("a.txt"), "abcdefghijklmnopqrstuvwxyz")?;
    fs::write(rw.join("b.bin"), (0..5000_u32).map(|at| at.to_le_bytes()[0]).collect::<Vec<_>>())?;
    fs::write(rw.join("empty"), "")?;
    fs::write(rw.join("d/e.txt"), "in a directory")?;
    fs::write(ro.join("r.txt"), "only to be read")?;
    fs::write(ro.join("rd/x"), "also")?;
    for (link, target) in [
        ("link", "a.txt"),
        ("dlink", "d"),
        ("loop", "loop"),
        ("out", "../secret"),
        ("abs", "/etc/passwd"),
        ("dangling", "nothing"),
    ] {
        symlink(target, rw.join(link))?;
    }
    symlink("r.txt", ro.join("link"))
}

/// A run in these directories.
pub(crate) fn config(root: &Path, input: Vec<u8>, timeout: Duration) -> RunConfig {
    let mut config = RunConfig { timeout: Some(timeout), ..RunConfig::new() };
    config.wasi.args(["fuzz", "", "an argument", "\u{e4}"]).env("NAME", "value").env("EMPTY", "");
    config.wasi.stdin(Stdin::bytes(input)).stdout(Stdout::capture(CAPTURED)).stderr(Stdout::capture(CAPTURED));
    // Later calls can read these bytes as arguments: they are the same on all majors.
    let mut rng = Rng::new(0);
    config.wasi.secure_random(move |bytes| bytes.fill_with(|| rng.next() as u8));
    config.wasi.preopen(Preopen::new(root.join("rw"), "/rw"));
    config.wasi.preopen(Preopen::new(root.join("ro"), "/ro").read_only());
    config
}

/// Distinguishes the present, which differs between runs, from other times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time(Duration);

impl Time {
    pub(crate) fn now() -> Self {
        Self(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// A time in nanoseconds since 1970, or the word `now`.
    pub(crate) fn show(&self, nanoseconds: u64) -> String {
        let seconds = nanoseconds / 1_000_000_000;
        if self.0.as_secs().abs_diff(seconds) < 24 * 3600 { "now".to_owned() } else { nanoseconds.to_string() }
    }
}

/// One line for each entry below `root`.
pub(crate) fn tree(root: &Path, time: &Time) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    visit(root, "", time, &mut lines)?;
    Ok(lines)
}

fn visit(directory: &Path, name: &str, time: &Time, lines: &mut Vec<String>) -> io::Result<()> {
    let mut entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        let metadata = fs::symlink_metadata(&path)?;
        lines.push(format!("{name} {}", describe(&path, &metadata, time)?));
        if metadata.is_dir() && lines.len() < 1000 {
            visit(&path, &name, time, lines)?;
        }
    }
    Ok(())
}

fn describe(path: &Path, metadata: &Metadata, time: &Time) -> io::Result<String> {
    use io::Read as _;
    let nanoseconds = |seconds: i64, rest: i64| {
        let all = i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        u64::try_from(all).map_or_else(|_| all.to_string(), |all| time.show(all))
    };
    let times = format!(
        "mtime {} mode {:o} links {}",
        nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        metadata.permissions().mode(),
        if metadata.is_dir() { 0 } else { metadata.nlink() },
    );
    if metadata.is_symlink() {
        return Ok(format!("-> {:?} {times}", fs::read_link(path)?));
    }
    if !metadata.is_file() {
        return Ok(times);
    }
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(COMPARED).read_to_end(&mut bytes));
    let content = read.map_or_else(|error| format!("{:?}", error.kind()), |_| format!("{:016x}", fnv(&bytes)));
    Ok(format!("{} bytes {content} {times}", metadata.len()))
}
