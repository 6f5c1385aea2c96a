//! Compiled guests on the major itself: compiled, loaded from bytes, and from a file.

use std::hint::black_box;
use std::path::Path;

use super::NUMBER;
use super::wasmtime::component::Component;
use super::wasmtime::{Engine, Module};
use crate::guests::{command_component, large_module};
use crate::measure::{Side, timed};
use crate::shared::Result;

pub(crate) fn compile() -> Result<Side> {
    let engine = Engine::default();
    let component = command_component()?;
    Ok(Box::new(move |iterations| {
        timed(iterations, || {
            black_box(Component::new(&engine, &component)?);
            Ok(())
        })
    }))
}

#[expect(unsafe_code, reason = "that is how precompiled code is loaded")]
pub(crate) fn deserialize() -> Result<Side> {
    let engine = Engine::default();
    let bytes = engine.precompile_component(&command_component()?)?;
    Ok(Box::new(move |iterations| {
        timed(iterations, || {
            // SAFETY: the bytes were made above.
            black_box(unsafe { Component::deserialize(&engine, &bytes) }?);
            Ok(())
        })
    }))
}

#[expect(unsafe_code, reason = "that is how precompiled code is loaded")]
pub(crate) fn deserialize_file(directory: &Path) -> Result<Side> {
    let engine = Engine::default();
    let path = directory.join(format!("direct-{NUMBER}.cwasm"));
    std::fs::write(&path, engine.precompile_module(&large_module()?)?)?;
    Ok(Box::new(move |iterations| {
        timed(iterations, || {
            // SAFETY: the file was made above.
            black_box(unsafe { Module::deserialize_file(&engine, &path) }?);
            Ok(())
        })
    }))
}

/// The major's own cache is a cargo feature that this crate leaves off, so this is the least that a cache does on a hit: it
/// loads a file whose name is known.
pub(crate) fn cache(directory: &Path) -> Result<Side> {
    deserialize_file(directory)
}
