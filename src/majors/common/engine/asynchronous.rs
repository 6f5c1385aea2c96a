//! Engines for asynchronous calls.

use super::wasmtime;
use crate::engine::Config;

pub(super) fn configure(raw: &mut wasmtime::Config, config: &Config) {
    #[allow(deprecated, reason = "needed up to 41, without effect from 42 on")]
    raw.async_support(config.async_support);
}
