//! The command line on every system, also an emulated one: what starts no other program than the command line.

mod inspect;
mod paths;
mod probe;
mod readapt;
#[path = "../../../guest/tests/shared/mod.rs"]
mod shared;
