//! The guests: core modules in text form, which are made components for the world of tools and a part of WASI.

use anyhow::{Context as _, Result};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Requests the weather of a city.
pub fn weather() -> Result<Vec<u8>> {
    component(include_str!("../guest/weather.wat")).context("make weather")
}

/// Reads a file of the workspace.
pub fn reader() -> Result<Vec<u8>> {
    component(include_str!("../guest/reader.wat")).context("make reader")
}

/// Does harm.
pub fn rogue() -> Result<Vec<u8>> {
    component(include_str!("../guest/rogue.wat")).context("make rogue")
}

/// A hook, which stays a core module.
pub fn hook() -> Result<Vec<u8>> {
    Ok(wat::parse_str(include_str!("../guest/hook.wat"))?)
}

fn component(text: &str) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    resolve.push_str("wasi-io.wit", include_str!("../wit/wasi-io.wit"))?;
    resolve.push_str("wasi-cli.wit", include_str!("../wit/wasi-cli.wit"))?;
    resolve.push_str("tools.wit", include_str!("../wit/tools.wit"))?;
    let package = resolve.push_str("guest.wit", include_str!("../wit/guest.wit"))?;
    let world = resolve.select_world(&[package], Some("guest"))?;
    let mut module = wat::parse_str(text.replace(";; prelude", include_str!("../guest/prelude.wat")))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    ComponentEncoder::default().validate(true).module(&module)?.encode()
}
