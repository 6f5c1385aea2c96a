//! Preopens, 18 and 19: the builder takes a directory that the caller has opened, of this major's own cap-std.

use std::io;
use std::path::Path;

use super::cap_std::ambient_authority;
use super::cap_std::fs::Dir;
use super::names::{DirPerms, FilePerms, WasiCtxBuilder};
use crate::wasi::Access;

pub(super) fn open(builder: &mut WasiCtxBuilder, host: &Path, guest: &str, access: Access) -> io::Result<()> {
    let (directories, files) = access.rights();
    let (mut dir_perms, mut file_perms) = (DirPerms::empty(), FilePerms::empty());
    dir_perms.set(DirPerms::READ, directories.may_read());
    dir_perms.set(DirPerms::MUTATE, directories.may_write());
    file_perms.set(FilePerms::READ, files.may_read());
    file_perms.set(FilePerms::WRITE, files.may_write());
    builder.preopened_dir(Dir::open_ambient_dir(host, ambient_authority())?, dir_perms, file_perms, guest);
    Ok(())
}

/// The last major that has these rights, if this one does not: it has all.
pub(super) fn until(_: Access) -> Option<u64> {
    None
}
