//! Owns Linux on 64-bit Arm, under qemu's emulation of single programs.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;

use super::target::Target;

pub(crate) const TARGET: Target = Target {
    name: "Linux on aarch64",
    triple: "aarch64-unknown-linux-gnu",
    system: ("linux", "aarch64"),
    linker: "aarch64-linux-gnu-gcc",
    emulator: &["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"],
    packages: &[
        ("qemu-user", "/usr/bin/qemu-aarch64"),
        ("gcc-aarch64-linux-gnu", "/usr/bin/aarch64-linux-gnu-gcc"),
        ("libc6-dev-arm64-cross", "/usr/aarch64-linux-gnu/lib/libc.so.6"),
    ],
    state: "matrix-aarch64",
    prepare,
};

fn prepare(_: &Path) -> Result<Vec<(String, OsString)>> {
    Ok(vec![("WASMTIME_COMPAT_PLATFORM".to_owned(), "qemu".into())])
}
