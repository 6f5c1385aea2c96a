//! Preopens, 48 and later: permissions are one choice.

use std::io;
use std::path::Path;

use super::names::WasiCtxBuilder;
use super::wasmtime_wasi::FsPerms;
use super::whole::io_error;
use crate::wasi::{Access, Rights};

pub(super) fn open(builder: &mut WasiCtxBuilder, host: &Path, guest: &str, access: Access) -> io::Result<()> {
    let perms = perms(access).ok_or(io::ErrorKind::Unsupported)?;
    builder.preopened_dir(host, guest, perms).map(drop).map_err(io_error)
}

/// The last major that has these rights, if this one does not: it has the same on directories and on files.
pub(super) fn until(access: Access) -> Option<u64> {
    perms(access).is_none().then_some(47)
}

fn perms(access: Access) -> Option<FsPerms> {
    match access.rights() {
        (Rights::Read, Rights::Read) => Some(FsPerms::ReadOnly),
        (Rights::ReadWrite, Rights::ReadWrite) => Some(FsPerms::ReadWrite),
        _ => None,
    }
}
