//! Preopens, 20 to 47: the builder opens a path itself; permissions are two sets of flags.

use std::io;
use std::path::Path;

use super::names::WasiCtxBuilder;
use super::wasmtime_wasi::{DirPerms, FilePerms};
use super::whole::io_error;
use crate::wasi::{Access, Rights};

pub(super) fn open(builder: &mut WasiCtxBuilder, host: &Path, guest: &str, access: Access) -> io::Result<()> {
    let (dirs, files) = match access {
        Access::ReadOnly => (DirPerms::READ, FilePerms::READ),
        Access::ReadWrite => (DirPerms::all(), FilePerms::all()),
        Access::Apart { directories, files } => (dirs(directories), of_files(files)),
    };
    builder.preopened_dir(host, guest, dirs, files).map(drop).map_err(io_error)
}

/// Whether this major has these rights: all.
pub(super) fn has(_: Access) -> bool {
    true
}

fn dirs(rights: Rights) -> DirPerms {
    match rights {
        Rights::None => DirPerms::empty(),
        Rights::Read => DirPerms::READ,
        Rights::Write => DirPerms::MUTATE,
        Rights::ReadWrite => DirPerms::all(),
    }
}

fn of_files(rights: Rights) -> FilePerms {
    match rights {
        Rights::None => FilePerms::empty(),
        Rights::Read => FilePerms::READ,
        Rights::Write => FilePerms::WRITE,
        Rights::ReadWrite => FilePerms::all(),
    }
}
