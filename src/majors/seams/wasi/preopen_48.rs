//! Preopens, 48 and later: permissions are one choice.

use std::io;
use std::path::Path;

use super::names::WasiCtxBuilder;
use super::wasmtime_wasi::FsPerms;
use super::whole::io_error;
use crate::wasi::Access;

pub(super) fn open(builder: &mut WasiCtxBuilder, host: &Path, guest: &str, access: Access) -> io::Result<()> {
    let perms = match access.simplified() {
        Access::ReadOnly => FsPerms::ReadOnly,
        Access::ReadWrite => FsPerms::ReadWrite,
        Access::Apart { .. } => return Err(io::ErrorKind::Unsupported.into()),
    };
    builder.preopened_dir(host, guest, perms).map(drop).map_err(io_error)
}

/// Whether this major has these rights: the same on directories and on files.
pub(super) fn has(access: Access) -> bool {
    !matches!(access.simplified(), Access::Apart { .. })
}
