//! Preopens, 18 and 19: the builder takes a directory that the caller has opened, of this major's own cap-std.

use std::io;
use std::path::Path;

use super::cap_std::ambient_authority;
use super::cap_std::fs::Dir;
use super::names::{DirPerms, FilePerms, WasiCtxBuilder};
use crate::wasi::{Access, Rights};

pub(super) fn open(builder: &mut WasiCtxBuilder, host: &Path, guest: &str, access: Access) -> io::Result<()> {
    let (dirs, files) = match access {
        Access::ReadOnly => (DirPerms::READ, FilePerms::READ),
        Access::ReadWrite => (DirPerms::all(), FilePerms::all()),
        Access::Apart { directories, files } => (dirs(directories), of_files(files)),
    };
    builder.preopened_dir(Dir::open_ambient_dir(host, ambient_authority())?, dirs, files, guest);
    Ok(())
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
