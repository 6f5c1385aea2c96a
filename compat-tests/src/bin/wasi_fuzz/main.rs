//! `wasi_fuzz`: random sequences of WASI calls, honest and extreme, on several majors at once, with the same results.
//!
//! The programs of a batch run in a separate process, so that an abort, a hang or excessive memory of a major is
//! detected from outside. `cargo xtask test` runs some seeds; the last line printed is JSON.

#[cfg(unix)]
mod child;
#[cfg(unix)]
mod driver;
#[cfg(unix)]
mod execute;
#[cfg(unix)]
mod guest;
#[cfg(unix)]
mod known;
#[cfg(unix)]
mod preview1;
#[cfg(unix)]
mod preview2;
#[cfg(unix)]
mod program;
#[cfg(unix)]
mod rng;
#[cfg(unix)]
mod shrink;
#[cfg(unix)]
mod surface;
#[cfg(unix)]
mod world;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> anyhow::Result<ExitCode> {
    driver::main()
}

#[cfg(not(unix))]
fn main() -> anyhow::Result<ExitCode> {
    // The directories of the guests contain symbolic links, and the final state is compared by mode and number of
    // links.
    println!("wasi_fuzz runs on Unix only");
    Ok(ExitCode::SUCCESS)
}
