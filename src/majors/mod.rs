//! Owns the mounting of majors: the one body in `common/`, the seam files beside it, and the table that mounts both once
//! per major.
//!
//! In the table, each major is a module in which the names `wasmtime` and `wasmtime_wasi` mean that major's crates. The
//! module includes the files of `common/` and one seam file per axis by `#[path]`; they reach the crates through `super`.
//! A major that is not compiled in is the module in `off.rs` instead.

// With `path`, the paths in the table start in this folder.
#[path = "table.rs"]
mod table;

pub use self::table::*;
