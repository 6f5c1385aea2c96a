//! Owns the refusal of pipes besides the standard streams, where only these reach the other process.

use std::fs::File;
use std::io;
use std::process::Command;

pub(super) struct Pipes {
    pub(super) request: File,
    pub(super) reports: File,
    pub(super) passed: Vec<File>,
}

pub(super) fn pass(_: &mut Command) -> io::Result<Pipes> {
    Err(unsupported())
}

pub(super) fn open_to_read(_: u32) -> io::Result<File> {
    Err(unsupported())
}

pub(super) fn open_to_write(_: u32) -> io::Result<File> {
    Err(unsupported())
}

fn unsupported() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "on this system only captured output can be isolated, see --json")
}
