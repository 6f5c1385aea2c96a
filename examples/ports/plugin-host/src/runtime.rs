//! The runtime that plug-ins share: the engine with its pool and its cache of compiled code, and the linker.

use std::path::Path;

use anyhow::{Context as _, Result};
use wasmtime_compat::newest::{Cache, CacheConfig, Config, Engine, Linker, Module, PoolingAllocationConfig};

use crate::host::{self, Kv, State};
use crate::manifest::Manifest;
use crate::plugin::Plugin;

/// What all plug-ins share.
pub struct Runtime {
    engine: Engine,
    linker: Linker<State>,
    cache: Cache,
}

impl Runtime {
    /// A runtime with room for this number of plug-ins at a time.
    pub fn new(compiled: &Path, kv: &Kv, slots: u32) -> Result<Self> {
        let mut cache = CacheConfig::new();
        cache.with_directory(compiled).with_files_total_size_soft_limit(64 << 20);
        let cache = Cache::new(cache)?;
        let mut pool = PoolingAllocationConfig::new();
        pool.total_core_instances(slots).total_memories(slots).total_tables(slots).max_memory_size(4 << 20);
        let config = Config::new()
            .consume_fuel(true)
            .epoch_interruption(true)
            .allocation_strategy(pool)
            .cache(Some(cache.clone()));
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        linker.add_wasi()?;
        host::link(&mut linker, kv)?;
        Ok(Self { engine, linker, cache })
    }

    /// Compiles a plug-in, or takes its code from the cache, and starts it.
    pub fn load(&self, manifest: Manifest) -> Result<Plugin> {
        let name = manifest.name.clone();
        let module = Module::new(&self.engine, &manifest.wasm).with_context(|| format!("compile {name}"))?;
        let pre = self.linker.instantiate_pre(&module).with_context(|| format!("link {name}"))?;
        Plugin::start(&self.engine, pre, manifest).with_context(|| format!("start {name}"))
    }

    /// How many plug-ins were compiled, and how many came from the cache.
    pub fn compiled_and_cached(&self) -> (usize, usize) {
        (self.cache.cache_misses(), self.cache.cache_hits())
    }
}
