//! Preopens, 18 and 19: the builder takes a directory that the caller has opened, of this major's own cap-std.

use std::io;
use std::path::Path;

use super::cap_std::ambient_authority;
use super::cap_std::fs::Dir;
use super::names::{DirPerms, FilePerms, WasiCtxBuilder};
use crate::wasi::Access;

pub(super) fn open(builder: &mut WasiCtxBuilder, host: &Path, guest: &str, access: Access) -> io::Result<()> {
    let (dirs, files) = match access {
        Access::ReadOnly => (DirPerms::READ, FilePerms::READ),
        Access::ReadWrite => (DirPerms::all(), FilePerms::all()),
    };
    builder.preopened_dir(Dir::open_ambient_dir(host, ambient_authority())?, dirs, files, guest);
    Ok(())
}
