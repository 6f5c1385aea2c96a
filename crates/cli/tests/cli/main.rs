//! The command line as a user of Unix sees it. One program for all commands: each would link all majors of the build.

#[cfg(unix)]
mod call;
#[cfg(unix)]
mod guest_file;
#[cfg(unix)]
mod handler;
#[cfg(target_os = "linux")]
mod isolate;
#[cfg(unix)]
mod launcher;
#[cfg(unix)]
mod limits;
#[cfg(unix)]
#[path = "../shared/majors.rs"]
mod majors;
mod matrix;
#[cfg(unix)]
mod preopens;
#[cfg(unix)]
mod reported;
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
