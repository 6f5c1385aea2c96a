//! Owns the queries of the operating system: what the effective user may do with a directory. Nothing is made to find
//! out.

use std::ffi::CStr;
#[cfg(unix)]
use std::ffi::CString;
use std::fs::Metadata;
use std::path::Path;
use std::sync::Arc;

#[cfg(windows)]
use super::Reason;
#[cfg(windows)]
use super::windows;
use super::{Preopen, Problem};

/// A host path made absolute, and ready for the query of the operating system.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Absolute {
    pub(super) path: Arc<Path>,
    /// `<path>/`, which POSIX resolves only to a directory; ready for the query of every run. Systems without such a query
    /// have none.
    directory: Option<Arc<CStr>>,
}

/// Why the effective user cannot write in a directory.
#[cfg_attr(not(unix), expect(dead_code, reason = "other systems have no such query"))]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum WriteRefusal {
    ReadOnlyFileSystem,
    /// Directories of this file system mirror what the system has, and no user can make one.
    NoDirectories,
    Permission,
}

/// Whether Wasmtime can open a directory that may be entered but not listed: it opens directories with `O_PATH` where
/// the system has that, and for reading elsewhere (`open_ambient_dir` in `cap-primitives` and in `wasmtime-wasi`).
pub(super) const OPENS_UNLISTED: bool = cfg!(any(target_os = "linux", target_os = "android", target_os = "freebsd"));

impl Absolute {
    pub(super) fn of(path: &Path) -> Self {
        // It fails for an empty path, which is a problem of its own, and without a working directory.
        let path: Arc<Path> = std::path::absolute(path).map_or_else(|_| path.into(), Into::into);
        Self { directory: directory(&path), path }
    }

    /// Whether the path is a directory in which the effective user may do all that the preopen allows the guest: one
    /// system call.
    #[cfg(unix)]
    pub(super) fn is_usable_for(&self, preopen: &Preopen) -> bool {
        use rustix::fs::{Access as Mode, AtFlags, CWD, accessat};

        let wanted = match preopen.access.may_write() {
            false => Mode::READ_OK | Mode::EXEC_OK,
            true => Mode::READ_OK | Mode::EXEC_OK | Mode::WRITE_OK,
        };
        self.directory.as_ref().is_some_and(|path| accessat(CWD, &**path, wanted, AtFlags::EACCESS).is_ok())
    }

    /// Whether the path is a directory that this process can open for listing, as Wasmtime does: it is opened once.
    #[cfg(windows)]
    pub(super) fn is_usable_for(&self, _: &Preopen) -> bool {
        use std::os::windows::fs::OpenOptionsExt as _;

        /// Without it, Windows opens no directory (`FILE_FLAG_BACKUP_SEMANTICS`).
        const DIRECTORIES_TOO: u32 = 0x0200_0000;

        // Opening a device can have effects.
        flaw(&self.path).is_none()
            && std::fs::OpenOptions::new()
                .read(true)
                .custom_flags(DIRECTORIES_TOO)
                .open(&self.path)
                .and_then(|directory| directory.metadata())
                .is_ok_and(|metadata| metadata.is_dir())
    }

    /// Elsewhere several queries are needed to find out.
    #[cfg(not(any(unix, windows)))]
    pub(super) fn is_usable_for(&self, _: &Preopen) -> bool {
        false
    }
}

/// What is wrong with an absolute path whatever is on the disk: on Windows, a name that is a device or cannot exist.
#[cfg(windows)]
pub(super) fn flaw(path: &Path) -> Option<Problem> {
    let flaw = windows::flaw(&path.to_string_lossy())?;
    let reason = if flaw.is_other_than_directory() { Reason::NotADirectory } else { Reason::Io };
    Some(Problem { reason, hint: flaw.hint() })
}

#[cfg(not(windows))]
pub(super) fn flaw(_: &Path) -> Option<Problem> {
    None
}

/// Advice about a missing directory whose path, as given, does not start where it seems to.
#[cfg(windows)]
pub(super) fn origin_hint(host: &Path) -> Option<String> {
    windows::drive_relative_hint(host.to_str()?)
}

#[cfg(not(windows))]
pub(super) fn origin_hint(_: &Path) -> Option<String> {
    None
}

/// The letters of the drives that this process can query now.
#[cfg(windows)]
pub(super) fn drive_letters() -> Vec<char> {
    windows::drive_letters(|root| std::fs::metadata(root).is_ok_and(|metadata| metadata.is_dir()))
}

#[cfg(not(windows))]
pub(super) fn drive_letters() -> Vec<char> {
    Vec::new()
}

#[cfg(unix)]
fn directory(path: &Path) -> Option<Arc<CStr>> {
    use std::os::unix::ffi::OsStrExt as _;

    let directory = [path.as_os_str().as_bytes(), b"/"].concat();
    Some(CString::new(directory).ok()?.into())
}

#[cfg(not(unix))]
fn directory(_: &Path) -> Option<Arc<CStr>> {
    None
}

/// Why the effective user cannot write in a directory; none if that is possible or cannot be found out.
#[cfg(unix)]
pub(super) fn write_refusal(directory: &Path) -> Option<WriteRefusal> {
    use rustix::fs::{Access as Mode, AtFlags, CWD, accessat};
    use rustix::io::Errno;

    match accessat(CWD, directory, Mode::WRITE_OK, AtFlags::EACCESS) {
        Err(Errno::ROFS) => Some(WriteRefusal::ReadOnlyFileSystem),
        Err(Errno::ACCESS | Errno::PERM) => Some(WriteRefusal::Permission),
        _ => None,
    }
}

/// Why the effective user cannot make a directory in another one; none if that is possible or cannot be found out.
pub(super) fn creation_refusal(directory: &Path) -> Option<WriteRefusal> {
    if mirrors_the_system(directory) { Some(WriteRefusal::NoDirectories) } else { write_refusal(directory) }
}

/// Whether a directory is on a file system of Linux's that shows processes, devices or settings: root may write in each of
/// its directories, as far as `access` says, but not make one.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn mirrors_the_system(directory: &Path) -> bool {
    /// Of `proc`, `sysfs`, `debugfs`, `tracefs`, `securityfs`, `devpts`, `efivarfs` and `nsfs`, from `linux/magic.h`.
    const MAGIC: [u64; 8] =
        [0x9fa0, 0x6265_6572, 0x6462_6720, 0x7472_6163, 0x7363_6673, 0x1cd1, 0xde5e_81e4, 0x6e73_6673];
    // The type of the field depends on the architecture.
    #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast, reason = "the number is one of 32 bits")]
    rustix::fs::statfs(directory).is_ok_and(|found| MAGIC.contains(&(found.f_type as u64 & 0xffff_ffff)))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn mirrors_the_system(_: &Path) -> bool {
    false
}

/// The attribute "read-only" of a directory means something else on Windows, and trying would make a file.
#[cfg(not(unix))]
pub(super) fn write_refusal(_: &Path) -> Option<WriteRefusal> {
    None
}

/// What would let the effective user do what the system refused.
#[cfg_attr(not(unix), expect(dead_code, reason = "other systems have no such query"))]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Remedy {
    /// The user owns the directory, and the mode withholds it.
    Mode,
    /// The directory belongs to another user.
    Owner,
    /// The mode does not withhold it from the user, who owns the directory.
    BeyondMode,
    Unknown,
}

/// What would let the effective user do what takes `r`, `w` or `x`.
#[cfg(unix)]
pub(super) fn remedy(metadata: &Metadata, bit: char) -> Remedy {
    use std::os::unix::fs::MetadataExt as _;

    let bit = match bit {
        'r' => 0o400,
        'w' => 0o200,
        _ => 0o100,
    };
    match (metadata.uid() == rustix::process::geteuid().as_raw(), metadata.mode() & bit) {
        (true, 0) => Remedy::Mode,
        (true, _) => Remedy::BeyondMode,
        (false, _) => Remedy::Owner,
    }
}

#[cfg(not(unix))]
pub(super) fn remedy(_: &Metadata, _: char) -> Remedy {
    Remedy::Unknown
}

/// The most bytes that a name in a directory can have, where the system says so.
#[cfg(unix)]
pub(super) fn longest_name(directory: &Path) -> Option<u64> {
    Some(rustix::fs::statvfs(directory).ok()?.f_namemax).filter(|bytes| *bytes > 0)
}

#[cfg(not(unix))]
pub(super) fn longest_name(_: &Path) -> Option<u64> {
    None
}
