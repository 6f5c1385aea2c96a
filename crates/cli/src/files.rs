//! Owns files that the user names: reading a regular one within a limit, writing one as a whole, and writing into what is
//! not one without waiting for ever.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, Prefix, PrefixComponent};
use std::thread;
use std::time::{Duration, Instant};

/// How long a pipe or a device may take none of what is written to it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before something is tried again.
const PAUSE: Duration = Duration::from_millis(10);

/// A regular file that is open for reading.
#[derive(Debug)]
pub(crate) struct Regular {
    file: File,
    /// In bytes, when it was opened; some file systems report 0 for files that are not empty.
    length: u64,
}

impl Regular {
    /// Opens `path`, which must name a regular file, possibly through links.
    ///
    /// # Errors
    /// What the operating system reports, or what is there instead of a regular file.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // Opening a device can have effects, so a path that leads to one is not opened at all.
        let metadata =
            std::fs::metadata(path).map_err(|error| if is_device(path) { irregular(DEVICE) } else { error })?;
        expect_regular(metadata.file_type())?;
        let file = nonblocking(OpenOptions::new().read(true)).open(path)?;
        // Something else may have taken the place of the file since.
        let metadata = file.metadata()?;
        expect_regular(metadata.file_type())?;
        Ok(Self { file, length: metadata.len() })
    }

    /// Its length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Appends what follows in the file to `bytes`, which then hold `limit` bytes at most and one more if the file is
    /// longer than that.
    ///
    /// # Errors
    /// What the operating system reports.
    pub(crate) fn read(&mut self, bytes: &mut Vec<u8>, limit: u64) -> io::Result<()> {
        let room = limit.saturating_add(1);
        let expected = self.length.min(room);
        bytes.reserve(usize::try_from(expected).unwrap_or(0).saturating_sub(bytes.len()));
        let rest = room.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        (&self.file).take(rest).read_to_end(bytes).map(drop)
    }
}

/// The bytes of a regular file of at most `limit` bytes.
///
/// # Errors
/// What the operating system reports, what is there instead of a regular file, or that the file is too long.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut file = Regular::open(path)?;
    let mut bytes = Vec::new();
    if file.length() <= limit {
        file.read(&mut bytes, limit)?;
    }
    if file.length() > limit || u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(io::Error::other(format!("the file has more than {limit} bytes")));
    }
    Ok(bytes)
}

/// Writes a file, through links. What is not a regular file, like a device or a pipe, is written to as it is; a link to
/// nothing is made a file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(there) if there.is_file() => fs::canonicalize(path).and_then(|target| replace(&target, bytes, Some(&there))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => replace(path, bytes, None),
        _ => write_special(path, bytes),
    }
}

/// Writes beside the file first, so that a full disk does not leave half a file under its name. What takes the place
/// of a file gets its owner and permissions.
fn replace(path: &Path, bytes: &[u8], there: Option<&Metadata>) -> io::Result<()> {
    let mut beside = path.to_owned().into_os_string();
    beside.push(format!(".{}.part", std::process::id()));
    let written = fs::write(&beside, bytes)
        .and_then(|()| there.map_or(Ok(()), |there| copy_attributes(Path::new(&beside), there)))
        .and_then(|()| fs::rename(&beside, path));
    written.inspect_err(|_| {
        // There may be nothing to remove.
        let _ = fs::remove_file(&beside);
    })
}

#[cfg(unix)]
fn copy_attributes(path: &Path, other: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, chown};

    // Only root may give files away. The permissions come last, since another owner takes some of them away.
    let _ = chown(path, Some(other.uid()), Some(other.gid()));
    fs::set_permissions(path, other.permissions())
}

#[cfg(not(unix))]
fn copy_attributes(path: &Path, other: &Metadata) -> io::Result<()> {
    fs::set_permissions(path, other.permissions())
}

/// Writes all of `bytes` into what is at `path` and not a regular file, like a pipe or a device. What a link to nothing
/// names is created.
///
/// # Errors
/// What the operating system reports; [`io::ErrorKind::TimedOut`] if for ten seconds nothing reads from a named pipe, or
/// nothing is taken.
fn write_special(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = open_special(path)?;
    let mut rest = bytes;
    let mut progress = Instant::now();
    while !rest.is_empty() {
        match file.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                rest = rest.get(count..).unwrap_or_default();
                progress = Instant::now();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if progress.elapsed() > PATIENCE {
                    return Err(timed_out("nothing was read from the named pipe"));
                }
                thread::sleep(PAUSE);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Opens it for writing. A named pipe can be opened once there is a reader.
fn open_special(path: &Path) -> io::Result<File> {
    let started = Instant::now();
    loop {
        let error = match nonblocking(OpenOptions::new().write(true).create(true).truncate(false)).open(path) {
            Ok(file) => return Ok(file),
            Err(error) => error,
        };
        let is_pipe = std::fs::metadata(path).is_ok_and(|metadata| special(metadata.file_type()) == Some(PIPE));
        if !is_pipe || !lacks_reader(&error) {
            return Err(error);
        }
        if started.elapsed() > PATIENCE {
            return Err(timed_out("nothing reads from the named pipe"));
        }
        thread::sleep(PAUSE);
    }
}

fn timed_out(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("{what} for {} seconds", PATIENCE.as_secs()))
}

fn expect_regular(file_type: FileType) -> io::Result<()> {
    if file_type.is_file() {
        return Ok(());
    }
    Err(irregular(special(file_type).unwrap_or("something else")))
}

fn irregular(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("the path is {what}, not a regular file"))
}

/// Whether Windows, which has no metadata of devices, takes a path such as `NUL` for one.
fn is_device(path: &Path) -> bool {
    let absolute = std::path::absolute(path).unwrap_or_default();
    let is_device = |prefix: PrefixComponent<'_>| matches!(prefix.kind(), Prefix::DeviceNS(_));
    matches!(absolute.components().next(), Some(Component::Prefix(prefix)) if is_device(prefix))
}

const DEVICE: &str = "a device";

const PIPE: &str = "a named pipe";

/// What it is, if it is not a regular file.
fn special(file_type: FileType) -> Option<&'static str> {
    if file_type.is_dir() { Some("a directory") } else { of_unix(file_type) }
}

#[cfg(unix)]
fn of_unix(file_type: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt as _;

    if file_type.is_fifo() {
        Some(PIPE)
    } else if file_type.is_char_device() || file_type.is_block_device() {
        Some(DEVICE)
    } else if file_type.is_socket() {
        Some("a socket")
    } else {
        None
    }
}

#[cfg(not(unix))]
fn of_unix(_: FileType) -> Option<&'static str> {
    None
}

/// Options with which neither opening a named pipe nor reading from it or writing to it waits, and with which a terminal
/// does not become that of this process.
#[cfg(unix)]
fn nonblocking(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;

    use rustix::fs::OFlags;

    options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed())
}

#[cfg(not(unix))]
fn nonblocking(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Whether a named pipe could not be opened for writing because nothing has it open for reading.
#[cfg(unix)]
fn lacks_reader(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error())
}

#[cfg(not(unix))]
fn lacks_reader(_: &io::Error) -> bool {
    false
}
