//! Preopens, 20 to 47: the builder opens a path itself; permissions are two sets of flags.

use std::io;
use std::path::Path;

use super::names::WasiCtxBuilder;
use super::wasmtime_wasi::{DirPerms, FilePerms};
use super::whole::io_error;
use crate::wasi::Access;

pub(super) fn open(builder: &mut WasiCtxBuilder, host: &Path, guest: &str, access: Access) -> io::Result<()> {
    let (dirs, files) = match access {
        Access::ReadOnly => (DirPerms::READ, FilePerms::READ),
        Access::ReadWrite => (DirPerms::all(), FilePerms::all()),
    };
    builder.preopened_dir(host, guest, dirs, files).map(drop).map_err(io_error)
}
