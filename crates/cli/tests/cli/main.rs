//! The command line as a user sees it. One program: each would link all majors of the build.

#[cfg(unix)]
mod call;
#[cfg(unix)]
mod guest_file;
#[cfg(unix)]
mod handler;
mod inspect;
#[cfg(target_os = "linux")]
mod isolate;
#[cfg(unix)]
mod launcher;
mod matrix;
mod paths;
#[cfg(unix)]
mod preopens;
mod probe;
mod readapt;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod serve;
#[path = "../../../guest/tests/shared/mod.rs"]
mod shared;
#[cfg(unix)]
mod upgrade;
#[cfg(unix)]
mod user;
