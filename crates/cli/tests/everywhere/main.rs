//! The command line on every system, also an emulated one: what starts no other program than the command line.

mod inspect;
#[path = "../shared/majors.rs"]
#[allow(dead_code, reason = "reports are asked for by the other program")]
mod majors;
mod paths;
mod probe;
mod readapt;
#[path = "../../../guest/tests/shared/mod.rs"]
mod shared;
