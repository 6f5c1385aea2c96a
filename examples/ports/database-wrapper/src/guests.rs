//! The guests: core modules in text form, made components for the version of the world that each was written for.

use anyhow::{Context as _, Result};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const V0_1: &str = include_str!("../wit/v0.1.wit");
const V0_2: &str = include_str!("../wit/v0.2.wit");

/// Reads comma-separated values that it fetches.
pub fn csv() -> Result<Vec<u8>> {
    component(V0_1, include_str!("../guest/csv.wat")).context("make csv")
}

/// Keeps rows in its memory, and applies conditions itself.
pub fn ledger() -> Result<Vec<u8>> {
    component(V0_2, include_str!("../guest/ledger.wat")).context("make ledger")
}

/// Uses handles that it does not have.
pub fn forger() -> Result<Vec<u8>> {
    component(V0_1, include_str!("../guest/forger.wat")).context("make forger")
}

fn component(wit: &str, text: &str) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("wrapper.wit", wit)?;
    let world = resolve.select_world(&[package], None)?;
    let mut module = wat::parse_str(text.replace(";; prelude", include_str!("../guest/prelude.wat")))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    ComponentEncoder::default().validate(true).module(&module)?.encode()
}
