//! Owns pipes besides the standard streams. They are open in the other process under the same numbers.

use std::fs::{File, OpenOptions};
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Command;

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::{FdFlags, fcntl_setfd};

/// This process's ends, and the others, which are closed once the other process is started.
pub(super) struct Pipes {
    pub(super) request: PipeWriter,
    pub(super) reports: PipeReader,
    pub(super) passed: (PipeReader, PipeWriter),
}

pub(super) fn pass(command: &mut Command) -> io::Result<Pipes> {
    let (request_there, request) = io::pipe()?;
    let (reports, reports_there) = io::pipe()?;
    fcntl_setfd(request_there.as_fd(), FdFlags::empty())?;
    fcntl_setfd(reports_there.as_fd(), FdFlags::empty())?;
    command.arg("--descriptors");
    command.args([request_there.as_raw_fd().to_string(), reports_there.as_raw_fd().to_string()]);
    Ok(Pipes { request, reports, passed: (request_there, reports_there) })
}

pub(super) fn open_to_read(descriptor: u32) -> io::Result<File> {
    open(OpenOptions::new().read(true), descriptor)
}

pub(super) fn open_to_write(descriptor: u32) -> io::Result<File> {
    open(OpenOptions::new().write(true), descriptor)
}

/// Opens a pipe that is open once more: its number alone cannot be made a file without `unsafe`.
fn open(options: &mut OpenOptions, descriptor: u32) -> io::Result<File> {
    // Otherwise this would wait for the other end if the process that waits has ended meanwhile.
    let options = options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    let file = options.open(format!("/dev/fd/{descriptor}"))?;
    fcntl_setfl(&file, OFlags::empty())?;
    Ok(file)
}
