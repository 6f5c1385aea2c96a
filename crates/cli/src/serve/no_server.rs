//! Owns the refusal to serve in a program without a major.

use std::process::ExitCode;

use wasmtime_compat::AnyWasmtime;

use super::ServeArgs;
use crate::failure::{Failure, REFUSED};
use crate::guest_file::GuestFile;
use crate::pick::ADD_A_MAJOR;

pub(super) fn serve(_: &dyn AnyWasmtime, _: &GuestFile, _: &ServeArgs, _: bool) -> Result<ExitCode, Failure> {
    Err(Failure::new(REFUSED, "no Wasmtime is compiled in").with_hint(ADD_A_MAJOR))
}
