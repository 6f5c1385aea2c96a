//! Engines.

mod asynchronous;
mod config;
pub(super) mod precompiled;

use semver::Version;

use super::{MAJOR, V, backtraces, error, shared_memory, switches, wasmtime};
use crate::engine::{Config, Engines};
use crate::error::Result;

pub(super) use self::config::new;

impl Engines for V {
    const NUMBER: u64 = MAJOR;

    type Engine = wasmtime::Engine;

    fn version() -> Version {
        version()
    }

    fn new_engine(config: &Config) -> Result<wasmtime::Engine> {
        new(config)
    }

    fn increment_epoch(engine: &wasmtime::Engine) {
        engine.increment_epoch();
    }

    fn fingerprint(engine: &wasmtime::Engine) -> u64 {
        fingerprint(engine)
    }
}

pub(super) fn version() -> Version {
    // Hidden, but there in every major and a plain constant; nothing public says it.
    let version = wasmtime::component::__internal::wasmtime_environ::VERSION;
    crate::report::version_or(version, MAJOR)
}

pub(super) fn fingerprint(engine: &wasmtime::Engine) -> u64 {
    crate::report::digest(engine.precompile_compatibility_hash())
}
