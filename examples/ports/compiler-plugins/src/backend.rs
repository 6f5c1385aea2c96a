//! Owns the engine and the modules of each major: statics of the process, and compiled code on disk.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result};
use wasmtime_compat::{Config, Engine, ErrorKind, Module, PerMajor, Precompiled, Wasmtime, per_major};

use crate::runtime::lock;

per_major! {
    static MODULES<W: Wasmtime>: Mutex<HashMap<String, Module<W>>> = Mutex::default();
    static ORIGINS: Mutex<Origins> = Mutex::default();
}

/// The number of times that modules were compiled, loaded from disk, and taken from memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origins {
    pub compiled: usize,
    pub disk: usize,
    pub memory: usize,
}

/// The one engine of the process for a major.
pub fn engine<W: Wasmtime>() -> Result<&'static Engine<W>> {
    static ENGINES: PerMajor = PerMajor::new();
    Ok(ENGINES.get_or_try_init::<W, _, _>(|| Engine::new(&Config::new()))?)
}

/// The module of a plug-in: from memory, from disk, or compiled. Threads that need the same one wait for the first.
pub fn module<W: Wasmtime>(name: &str, wasm: &[u8], directory: &Path) -> Result<Module<W>> {
    let engine = engine::<W>()?;
    let mut modules = lock(MODULES.of::<W>());
    if let Some(module) = modules.get(name) {
        lock(ORIGINS.of::<W>()).memory += 1;
        return Ok(module.clone());
    }
    let path = file(engine, name, directory);
    let module = match load(engine, &path)? {
        Some(module) => {
            lock(ORIGINS.of::<W>()).disk += 1;
            module
        }
        None => {
            let module = compile(engine, wasm, &path).with_context(|| format!("failed to compile {name}"))?;
            lock(ORIGINS.of::<W>()).compiled += 1;
            module
        }
    };
    modules.insert(name.to_owned(), module.clone());
    Ok(module)
}

/// The file of a module. Its name has the fingerprint of the engine, so that hosts on other majors have other files.
pub fn file<W: Wasmtime>(engine: &Engine<W>, name: &str, directory: &Path) -> PathBuf {
    directory.join(format!("{name}-{:016x}.bin", engine.fingerprint().unwrap_or_default()))
}

/// Forgets the modules in memory, as the end of the process does, and returns where they came from.
pub fn forget<W: Wasmtime>() -> Origins {
    lock(MODULES.of::<W>()).clear();
    std::mem::take(&mut *lock(ORIGINS.of::<W>()))
}

/// Loads a module, if there is one that fits this engine.
fn load<W: Wasmtime>(engine: &Engine<W>, path: &Path) -> Result<Option<Module<W>>> {
    if !path.exists() {
        return Ok(None);
    }
    // SAFETY: the directory is this program's own, and only `compile` writes code to it, in files that appear as a whole.
    match unsafe { Module::deserialize_file(engine, path) } {
        Ok(module) => Ok(Some(module)),
        Err(error) if error.kind() == ErrorKind::Mismatch => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Compiles a module, and stores it as a file that processes can map.
fn compile<W: Wasmtime>(engine: &Engine<W>, wasm: &[u8], path: &Path) -> Result<Module<W>> {
    let bytes = engine.precompile_module(wasm)?;
    let precompiled = Precompiled::parse(&bytes)?;
    precompiled.write_mappable(path)?;
    // SAFETY: `bytes` come from `Engine::precompile_module` just now.
    let trusted = unsafe { precompiled.trust() };
    Ok(Module::from_precompiled(engine, &trusted)?)
}
