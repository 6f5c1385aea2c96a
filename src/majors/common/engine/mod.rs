//! Engines.

mod config;
mod pool;
pub(super) mod precompiled;

use semver::Version;

use super::{
    MAJOR, V, backtraces, compiler, concurrency, error, inlining, pooling, protection_keys, shared_memory, switches,
    wasmtime, wasmtime_environ, whole,
};
use crate::engine::{Config, Engines, Parts, Registry};
use crate::error::Result;

pub(super) use self::config::new;

impl Engines for V {
    const NUMBER: u64 = MAJOR;

    type Engine = wasmtime::Engine;

    const PARTS: Parts = whole::PARTS;

    fn version() -> Version {
        version()
    }

    fn new_engine(config: &Config) -> Result<wasmtime::Engine> {
        new(config)
    }

    fn registry() -> &'static Registry<V> {
        static REGISTRY: Registry<V> = Registry::new();
        &REGISTRY
    }

    fn same_engine(a: &wasmtime::Engine, b: &wasmtime::Engine) -> bool {
        wasmtime::Engine::same(a, b)
    }

    fn increment_epoch(engine: &wasmtime::Engine) {
        engine.increment_epoch();
    }

    fn tls_eager_initialize() {
        wasmtime::Engine::tls_eager_initialize();
    }

    fn fingerprint(engine: &wasmtime::Engine) -> Option<u64> {
        compiler::fingerprint(engine)
    }

    fn protection_keys_available() -> bool {
        wasmtime::PoolingAllocationConfig::are_memory_protection_keys_available()
    }
}

pub(super) fn version() -> Version {
    crate::report::version_or(wasmtime_environ::VERSION, MAJOR)
}
