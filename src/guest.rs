//! Owns nothing of its own: what a guest's bytes say comes from `wasmtime-compat-guest`.

pub(crate) use wasmtime_compat_guest::internal::{is_import, wasi_version};
pub use wasmtime_compat_guest::{Guest, GuestKind};
