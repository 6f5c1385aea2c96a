//! Owns whom programs run as: the user of the tests, or an ordinary one.
#![allow(dead_code, reason = "no test uses all of it")]

use std::path::Path;
use std::process::Command;

/// The identity of an ordinary user, for when the tests run as root: `nobody`.
pub(crate) const ORDINARY: u32 = 65534;

/// The tool as the user of the tests.
pub(crate) fn tool() -> Command {
    Command::new(env!("CARGO_BIN_EXE_wasmtime-compat"))
}

/// Whether this process may do anything with any file.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;

    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// The tool as an ordinary user, whoever runs the tests; root's stands where that user can reach it.
pub(crate) fn tool_as_ordinary_user(root: &Path) -> Command {
    as_ordinary_user(Path::new(env!("CARGO_BIN_EXE_wasmtime-compat")), root)
}

/// A program as an ordinary user, as [`tool_as_ordinary_user`].
pub(crate) fn as_ordinary_user(built: &Path, root: &Path) -> Command {
    use std::os::unix::process::CommandExt;

    if !is_root() {
        return Command::new(built);
    }
    let reachable = root.join(built.file_name().unwrap());
    if !reachable.exists() {
        // Half a gigabyte with a dozen majors: copied only where it must be.
        std::fs::hard_link(built, &reachable).or_else(|_| std::fs::copy(built, &reachable).map(drop)).unwrap();
    }
    let mut command = Command::new(reachable);
    command.uid(ORDINARY).gid(ORDINARY);
    command
}
