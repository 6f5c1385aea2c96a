//! Compiled guests over `W`: compiled, loaded from bytes, from a file, and from a cache.

use std::hint::black_box;
use std::path::Path;

use wasmtime_compat::component::Component;
use wasmtime_compat::{Cache, CacheConfig, Config, Engine, Module, Precompiled, Wasmtime};

use crate::guests::{command_component, large_module};
use crate::measure::{Side, expect, timed};
use crate::shared::Result;

pub(crate) fn compile<W: Wasmtime>() -> Result<Side> {
    let engine = Engine::<W>::new(&Config::new())?;
    let component = command_component()?;
    Ok(Box::new(move |iterations| {
        timed(iterations, || {
            let component = black_box(Component::new(&engine, &component)?);
            expect(component.adapter_warnings().is_empty(), false)
        })
    }))
}

#[expect(unsafe_code, reason = "that is how precompiled code is loaded")]
pub(crate) fn deserialize<W: Wasmtime>() -> Result<Side> {
    let engine = Engine::<W>::new(&Config::new())?;
    let bytes = engine.precompile(&command_component()?)?;
    Ok(Box::new(move |iterations| {
        timed(iterations, || {
            // SAFETY: the bytes were made above.
            let trusted = unsafe { Precompiled::parse(&bytes)?.trust() };
            let component = black_box(Component::from_precompiled(&engine, &trusted)?);
            expect(component.adapter_warnings().is_empty(), false)
        })
    }))
}

#[expect(unsafe_code, reason = "that is how precompiled code is loaded")]
pub(crate) fn deserialize_file<W: Wasmtime>(directory: &Path) -> Result<Side> {
    let engine = Engine::<W>::new(&Config::new())?;
    let path = directory.join(format!("ours-{}.cwasm", W::NUMBER));
    Precompiled::parse(&engine.precompile_module(&large_module()?)?)?.write_mappable(&path)?;
    Ok(Box::new(move |iterations| {
        timed(iterations, || {
            // SAFETY: the file was made above.
            black_box(unsafe { Module::deserialize_file(&engine, &path) }?);
            Ok(())
        })
    }))
}

pub(crate) fn cache<W: Wasmtime>(directory: &Path) -> Result<Side> {
    let mut config = CacheConfig::new();
    config.with_directory(directory.join(format!("cache-{}", W::NUMBER)));
    let cache = Cache::new(config)?;
    let engine = Engine::<W>::new(&Config::new().cache(Some(cache.clone())))?;
    let wasm = large_module()?;
    Module::new(&engine, &wasm)?;
    Ok(Box::new(move |iterations| {
        let hits = cache.cache_hits();
        let elapsed = timed(iterations, || {
            black_box(Module::new(&engine, &wasm)?);
            Ok(())
        })?;
        expect(cache.cache_hits() - hits, iterations as usize)?;
        Ok(elapsed)
    }))
}
