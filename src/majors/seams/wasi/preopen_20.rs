//! Preopens, 20 to 47: the builder opens a path itself; permissions are two sets of flags.

use std::io;
use std::path::Path;

use super::names::WasiCtxBuilder;
use super::wasmtime_wasi::{DirPerms, FilePerms};
use super::whole::io_error;
use crate::wasi::Access;

pub(super) fn open(builder: &mut WasiCtxBuilder, host: &Path, guest: &str, access: Access) -> io::Result<()> {
    let (directories, files) = access.rights();
    let (mut dir_perms, mut file_perms) = (DirPerms::empty(), FilePerms::empty());
    dir_perms.set(DirPerms::READ, directories.may_read());
    dir_perms.set(DirPerms::MUTATE, directories.may_write());
    file_perms.set(FilePerms::READ, files.may_read());
    file_perms.set(FilePerms::WRITE, files.may_write());
    builder.preopened_dir(host, guest, dir_perms, file_perms).map(drop).map_err(io_error)
}

/// The last major that has these rights, if this one does not: it has all.
pub(super) fn until(_: Access) -> Option<u64> {
    None
}
